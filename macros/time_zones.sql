{#-
    Local days without the database's own time-zone functions: those differ between engines in the hour that
    occurs twice, need tables that a MySQL server may lack, and in DuckDB cost ten times more than this.
    The offsets come from pytz, as a binary tree of comparisons, so that a timestamp takes seven of them.
-#}

{#- The local clock time of a UTC timestamp. -#}
{% macro local_time(utc_timestamp, zone=none) -%}
    {%- set zone = zone or var('facility_timezone') -%}
    {%- set changes = utc_offset_changes(zone) -%}
    {{ add_seconds(utc_timestamp, offset_tree(utc_timestamp, changes, 'utc')) }}
{%- endmacro %}

{#- The local calendar day of a UTC timestamp. -#}
{% macro local_day(utc_timestamp) -%}
    cast({{ local_time(utc_timestamp) }} as date)
{%- endmacro %}

{#-
    The UTC timestamp of a local clock time. A time that occurs twice is its first occurrence; one that is
    skipped is read with the offset before the change (as Python's zoneinfo does with fold=0).
-#}
{% macro utc_time(local_timestamp, zone=none) -%}
    {%- set zone = zone or var('facility_timezone') -%}
    {%- set changes = utc_offset_changes(zone) -%}
    {{ subtract_seconds(local_timestamp, offset_tree(local_timestamp, changes, 'local')) }}
{%- endmacro %}

{#- A nested CASE that gives the UTC offset, in seconds, in force at `timestamp`. -#}
{% macro offset_tree(timestamp, changes, clock) -%}
    {%- if changes | length == 1 -%}
        {{ changes[0].offset }}
    {%- else -%}
        {%- set middle = (changes | length) // 2 -%}
        case when {{ timestamp }} >= {{ timestamp_literal(changes[middle][clock]) }} then {{ offset_tree(timestamp, changes[middle:], clock) }} else {{ offset_tree(timestamp, changes[:middle], clock) }} end
    {%- endif -%}
{%- endmacro %}

{#-
    The list of {utc, local, offset}: from `utc` (or, on the local clock, from `local`) on, the zone is `offset`
    seconds ahead of UTC. The first entry holds before all others. Looked at every ten days, within which no zone
    has changed twice, and then by bisection; Jinja's calls are slow, and dbt's parser does not need them.
-#}
{% macro utc_offset_changes(zone) %}
    {%- do check_zone(zone) -%}
    {%- set zone = modules.pytz.timezone(zone) -%}
    {%- set timedelta = modules.datetime.timedelta -%}
    {%- set start = modules.datetime.datetime(1999, 12, 1) -%}
    {%- set state = namespace(moment=start, offset=zone.fromutc(start).utcoffset()) -%}
    {%- set changes = [{'utc': '0001-01-01 00:00:00', 'local': '0001-01-01 00:00:00', 'offset': state.offset.total_seconds() | int}] -%}
    {%- for step in range(1393 if execute else 1) -%}
        {%- set moment = start + timedelta(days=10 * step) -%}
        {%- set offset = zone.fromutc(moment).utcoffset() -%}
        {%- if offset != state.offset -%}
            {#- Ten days have less than 2^10 quarters of an hour. -#}
            {%- set search = namespace(before=0, after=960) -%}
            {%- for _ in range(10) -%}
                {%- set middle = (search.before + search.after) // 2 -%}
                {%- if zone.fromutc(state.moment + timedelta(minutes=15 * middle)).utcoffset() == state.offset -%}
                    {%- set search.before = middle -%}
                {%- else -%}
                    {%- set search.after = middle -%}
                {%- endif -%}
            {%- endfor -%}
            {%- set change = state.moment + timedelta(minutes=15 * search.after) -%}
            {%- do changes.append({
                'utc': change.strftime('%Y-%m-%d %H:%M:%S'),
                'local': (change + [offset, state.offset] | max).strftime('%Y-%m-%d %H:%M:%S'),
                'offset': offset.total_seconds() | int,
            }) -%}
            {%- set state.offset = offset -%}
        {%- endif -%}
        {%- set state.moment = moment -%}
    {%- endfor -%}
    {{ return(changes) }}
{% endmacro %}

{#- Refuses a name that is no time zone, with the remedy. -#}
{% macro check_zone(zone) %}
    {%- if zone not in modules.pytz.all_timezones_set -%}
        {{ exceptions.raise_compiler_error("'" ~ zone ~ "' is not a time zone: use an IANA name such as Europe/London or UTC.") }}
    {%- endif -%}
{% endmacro %}
