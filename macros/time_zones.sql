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
    seconds ahead of UTC. The first entry holds before all others.
-#}
{% macro utc_offset_changes(zone) %}
    {%- set datetime = modules.datetime.datetime -%}
    {%- set utc = modules.pytz.utc -%}
    {%- if zone not in modules.pytz.all_timezones_set -%}
        {{ exceptions.raise_compiler_error("'" ~ zone ~ "' is not a time zone: use an IANA name such as Europe/London or UTC.") }}
    {%- endif -%}
    {%- set zone = modules.pytz.timezone(zone) -%}
    {%- set state = namespace(moment=datetime(1999, 12, 1), offset=none, changes=[]) -%}
    {%- set state.offset = utc.localize(state.moment).astimezone(zone).utcoffset() -%}
    {%- do state.changes.append({'utc': '0001-01-01 00:00:00', 'local': '0001-01-01 00:00:00', 'offset': state.offset.total_seconds() | int}) -%}
    {%- for year in range(2000, 2038) -%}
        {%- for month in range(1, 13) -%}
            {%- set month_start = datetime(year, month, 1) -%}
            {%- set offset = utc.localize(month_start).astimezone(zone).utcoffset() -%}
            {%- if offset != state.offset -%}
                {#- Bisect to the minute within the month. -#}
                {%- set search = namespace(before=state.moment, after=month_start) -%}
                {%- for _ in range(17) -%}
                    {%- set minutes = ((search.after - search.before).total_seconds() // 120) | int -%}
                    {%- if minutes > 0 -%}
                        {%- set middle = search.before + modules.datetime.timedelta(minutes=minutes) -%}
                        {%- if utc.localize(middle).astimezone(zone).utcoffset() == state.offset -%}
                            {%- set search.before = middle -%}
                        {%- else -%}
                            {%- set search.after = middle -%}
                        {%- endif -%}
                    {%- endif -%}
                {%- endfor -%}
                {%- set change = {
                    'utc': search.after.strftime('%Y-%m-%d %H:%M:%S'),
                    'local': (search.after + [offset, state.offset] | max).strftime('%Y-%m-%d %H:%M:%S'),
                    'offset': offset.total_seconds() | int,
                } -%}
                {%- do state.changes.append(change) -%}
                {%- set state.offset = offset -%}
            {%- endif -%}
            {%- set state.moment = month_start -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(state.changes) }}
{% endmacro %}
