{#- Built last: its row says that every mart is of these settings. -#}
-- depends_on: {{ ref('fct_data_problems') }}
-- depends_on: {{ ref('fct_instrument_daily') }}
-- depends_on: {{ ref('fct_unresolved_runs') }}
-- depends_on: {{ ref('fct_run_number_jumps') }}
-- depends_on: {{ ref('rpt_missing_runs') }}
-- depends_on: {{ ref('dim_instruments') }}
select
    {{ cast_as("'" ~ facility_settings().autostats_version ~ "'", 'varchar') }} as autostats_version,
    {{ cast_as("'" ~ facility_settings().facility_timezone ~ "'", 'varchar') }} as facility_timezone,
    {{ cast_as("'" ~ facility_settings().source_timezone ~ "'", 'varchar') }} as source_timezone,

    {{ cast_as(facility_settings().schema_version, 'integer') }} as schema_version,
    {{ cast_as(var('max_gap'), 'integer') }} as max_gap,
    {{ cast_as(var('lookback_days'), 'integer') }} as lookback_days,
    {{ newest_load() }} as load_number,

    {{ as_of() }} as as_of
