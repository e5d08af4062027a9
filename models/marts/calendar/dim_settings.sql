{#- Built last: its row says that every mart is of these settings. -#}
-- depends_on: {{ ref('fct_data_problems') }}
-- depends_on: {{ ref('fct_instrument_daily') }}
-- depends_on: {{ ref('fct_unresolved_runs') }}
-- depends_on: {{ ref('fct_run_number_jumps') }}
-- depends_on: {{ ref('rpt_missing_runs') }}
-- depends_on: {{ ref('dim_instruments') }}
select
    cast('{{ facility_settings().autostats_version }}' as varchar) as autostats_version,
    cast('{{ facility_settings().facility_timezone }}' as varchar) as facility_timezone,
    cast('{{ facility_settings().source_timezone }}' as varchar) as source_timezone,

    cast({{ facility_settings().schema_version }} as integer) as schema_version,
    cast({{ var('max_gap') }} as integer) as max_gap,
    cast({{ var('lookback_days') }} as integer) as lookback_days,
    {{ newest_load() }} as load_number,

    {{ as_of() }} as as_of
