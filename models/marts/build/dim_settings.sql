{#- Built last: its row says that every mart was built with these settings. -#}
{%- set source = source_identity() if execute else {} -%}
-- depends_on: {{ ref('fct_data_problems') }}
-- depends_on: {{ ref('fct_instrument_daily') }}
-- depends_on: {{ ref('fct_unresolved_runs') }}
-- depends_on: {{ ref('fct_run_number_jumps') }}
-- depends_on: {{ ref('rpt_missing_runs') }}
-- depends_on: {{ ref('dim_instruments') }}
-- depends_on: {{ ref('dim_catalogue') }}
-- depends_on: {{ ref('fct_loads') }}
-- depends_on: {{ ref('fct_instrument_hourly') }}
-- depends_on: {{ ref('fct_job_volume_daily') }}
-- depends_on: {{ ref('rpt_jobs_by_minute') }}
-- depends_on: {{ ref('rpt_instrument_silence') }}
-- depends_on: {{ ref('fct_outages') }}
-- depends_on: {{ ref('rpt_availability') }}
-- depends_on: {{ ref('fct_table_freshness') }}
-- depends_on: {{ ref('fct_file_counts') }}
-- depends_on: {{ ref('fct_announcements') }}
-- depends_on: {{ ref('fct_attention') }}
-- depends_on: {{ ref('dim_statistics') }}
select
    {{ text_literal(autostats_version()) }} as autostats_version,
    {{ text_literal(facility_timezone()) }} as facility_timezone,
    {{ text_literal(source_timezone()) }} as source_timezone,
    {{ text_literal(source.kind) }} as source_kind,
    {{ text_literal(source.database) }} as source_database,
    {{ text_literal(source.server) }} as source_server,

    {{ cast_as(schema_version(), 'integer') }} as schema_version,
    {{ cast_as(setting('max_gap'), 'integer') }} as max_gap,
    {{ cast_as(setting('lookback_days'), 'integer') }} as lookback_days,
    {{ newest_load() }} as load_number,

    -- Known at the end of a build, when the tests have run.
    {{ cast_as('null', 'boolean') }} as has_passed_tests,

    {{ timestamp_literal(earliest_time()) }} as earliest_time,
    {{ as_of() }} as as_of
