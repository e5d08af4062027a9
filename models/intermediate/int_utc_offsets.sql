{{ config(materialized='table') }}
{%- set ends = '9999-12-31 00:00:00' -%}
{%- set rows = [] -%}
{%- for zone in [facility_timezone()] + (named_time_zones() | reject('eq', facility_timezone()) | list) -%}
    {%- set changes = utc_offset_changes(zone) -%}
    {%- for change in changes -%}
        {%- set after = {'utc': ends, 'local': ends} if loop.last else changes[loop.index] -%}
        {%- do rows.append({
            'time_zone': zone,
            'offset_seconds': change.offset,
            'utc_from': change.utc,
            'utc_until': after.utc,
            'local_from': change.local,
            'local_until': after.local,
        }) -%}
    {%- endfor -%}
{%- endfor -%}

-- depends_on: {{ ref('instrument_time_zones') }}
with

-- From pytz, as texts.
offsets as (
    {{ text_rows(['time_zone', 'offset_seconds', 'utc_from', 'utc_until', 'local_from', 'local_until'], rows) }}
),

final as (
    select
        {{ cast_as('time_zone', 'varchar') }} as time_zone,
        {{ cast_as('offset_seconds', 'integer') }} as offset_seconds,
        {{ cast_as('utc_from', 'timestamp') }} as utc_from,
        {{ cast_as('utc_until', 'timestamp') }} as utc_until,
        {{ cast_as('local_from', 'timestamp') }} as local_from,
        {{ cast_as('local_until', 'timestamp') }} as local_until
    from offsets
)

select * from final
