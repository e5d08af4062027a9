{{ config(materialized='table') }}
{%- set zones = [facility_timezone()] + (named_time_zones() | reject('eq', facility_timezone()) | list) -%}
{%- set ends = '9999-12-31 00:00:00' -%}

-- depends_on: {{ ref('instrument_time_zones') }}
with

final as (
    {% for zone in zones -%}
    {%- set changes = utc_offset_changes(zone) -%}
    {%- for change in changes -%}
    select
        {{ text_literal(zone) }} as time_zone,
        {{ change.offset }} as offset_seconds,
        {{ timestamp_literal(change.utc) }} as utc_from,
        {{ timestamp_literal(ends if loop.last else changes[loop.index].utc) }} as utc_until,
        {{ timestamp_literal(change.local) }} as local_from,
        {{ timestamp_literal(ends if loop.last else changes[loop.index].local) }} as local_until
    {{ 'union all' if not loop.last }}
    {% endfor -%}
    {{ 'union all' if not loop.last }}
    {% endfor -%}
)

select * from final
