{#-
    Local days without the database's own time-zone functions: those differ between engines in the hour that
    occurs twice, need tables that a MySQL server may lack, and in DuckDB cost ten times as much as this. The
    offsets come from pytz, as a binary tree of comparisons, so that a timestamp takes seven of them.
-#}

{#- The local clock time of a UTC timestamp. Who asks often finds the zone's `changes` once: that takes a while. -#}
{% macro local_time(utc_timestamp, changes=none) -%}
    {%- set changes = changes or utc_offset_changes(facility_timezone()) -%}
    {{ dbt.dateadd('second', time_tree(utc_timestamp, changes, 'utc'), utc_timestamp) }}
{%- endmacro %}

{#- The local calendar day of a UTC timestamp. -#}
{% macro local_day(utc_timestamp, changes=none) -%}
    cast({{ local_time(utc_timestamp, changes=changes) }} as date)
{%- endmacro %}

{#-
    The UTC timestamp at which the local hour of a UTC timestamp begins. If a clock change sets the clocks between two
    hours, a shorter hour begins there; an hour within which they change is whole.
-#}
{% macro local_hour(utc_timestamp) -%}
    {%- set timedelta = modules.datetime.timedelta -%}
    {%- set changes = utc_offset_changes(facility_timezone()) -%}
    {#- By how far the clocks are ahead of whole hours: few zones have a second such rule. -#}
    {%- set rule_of = {} -%}
    {%- for ahead in changes | map(attribute='ahead') | unique -%}
        {%- do rule_of.update({ahead: whole_hours(utc_timestamp, ahead)}) -%}
    {%- endfor -%}
    {%- set state = namespace(ahead=changes[0].ahead, rule=rule_of[changes[0].ahead]) -%}
    {%- set rules = [{'utc': changes[0].utc, 'rule': state.rule}] -%}
    {%- for change in changes[1:] -%}
        {%- set moment = modules.datetime.datetime.fromisoformat(change.utc) -%}
        {%- set past_hour = moment.minute * 60 + moment.second -%}
        {#- The end of the hour that the clocks are in before the change. -#}
        {%- set to_begin = -(past_hour + state.ahead) % 3600 -%}
        {%- set began = moment + timedelta(seconds=to_begin) -%}
        {%- set rest = -(past_hour + to_begin + change.ahead) % 3600 -%}
        {%- if rest -%}
            {%- do rules.append({'utc': began | string, 'rule': timestamp_literal(began | string)}) -%}
            {%- set state.rule = none -%}
        {%- endif -%}
        {%- set rule = rule_of[change.ahead] -%}
        {%- if rule != state.rule -%}
            {%- do rules.append({'utc': (began + timedelta(seconds=rest)) | string, 'rule': rule}) -%}
        {%- endif -%}
        {%- set state.ahead = change.ahead -%}
        {%- set state.rule = rule -%}
    {%- endfor -%}
    {{ time_tree(utc_timestamp, rules, 'utc', 'rule') }}
{%- endmacro %}

{#- The beginning of an hour on clocks that are so many seconds ahead of whole hours. -#}
{% macro whole_hours(utc_timestamp, ahead) -%}
    {%- if ahead -%}
        {{ return(dbt.dateadd('second', -ahead, dbt.date_trunc('hour', dbt.dateadd('second', ahead, utc_timestamp)))) }}
    {%- else -%}
        {{ return(dbt.date_trunc('hour', utc_timestamp)) }}
    {%- endif -%}
{%- endmacro %}

{#-
    The UTC timestamp of a local clock time. A time that occurs twice is its first occurrence; one that is
    skipped is read with the offset before the change (as Python's zoneinfo does with fold=0).
-#}
{% macro utc_time(local_timestamp, zone=none, changes=none) -%}
    {%- set changes = changes or utc_offset_changes(zone or facility_timezone()) -%}
    {{ dbt.dateadd('second', '-(' ~ time_tree(local_timestamp, changes, 'local') ~ ')', local_timestamp) }}
{%- endmacro %}

{#- The zones of instruments, in order, without those that do not exist. -#}
{% macro named_time_zones() %}
    {%- if not execute -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set named = run_query('select distinct time_zone from ' ~ ref('instrument_time_zones')).columns[0].values() -%}
    {{ return(named | select('in', modules.pytz.all_timezones_set) | sort) }}
{% endmacro %}

{#-
    The same by rows of int_utc_offsets, where each row has a zone of its own: `offsets` is the alias of those joined on
    `is_in_force`. A time that is skipped is the first instant after the gap.
-#}
{% macro utc_time_by(offsets, local_timestamp) -%}
    least({{ dbt.dateadd('second', '-' ~ offsets ~ '.offset_seconds', local_timestamp) }}, {{ offsets }}.utc_until)
{%- endmacro %}

{% macro is_in_force(offsets, time_zone, timestamp, clock='local') -%}
    {{ offsets }}.time_zone = {{ time_zone }}
        and {{ timestamp }} >= {{ offsets }}.{{ clock }}_from
        and {{ timestamp }} < {{ offsets }}.{{ clock }}_until
{%- endmacro %}

{#-
    A nested CASE that returns what applies at `timestamp`, such as the UTC offset in force. Neighbours are paired until one
    is left: a macro that called itself would take ten times as long as the query.
-#}
{% macro time_tree(timestamp, changes, clock, what='offset') -%}
    {%- set opening, closing = timestamp_literal('|').split('|') -%}
    {%- set reached = 'case when ' ~ timestamp ~ ' >= ' ~ opening -%}
    {%- set branches = namespace(left=[]) -%}
    {%- for change in changes -%}
        {%- do branches.left.append((change[clock], change[what])) -%}
    {%- endfor -%}
    {%- for _ in range(16) if branches.left | length > 1 -%}
        {%- set joined = [] -%}
        {%- for pair in branches.left | batch(2) -%}
            {%- set earlier, later = pair[0], pair[-1] -%}
            {%- do joined.append(
                earlier if pair | length == 1
                else (earlier[0], reached ~ later[0] ~ closing ~ ' then ' ~ later[1] ~ ' else ' ~ earlier[1] ~ ' end')
            ) -%}
        {%- endfor -%}
        {%- set branches.left = joined -%}
    {%- endfor -%}
    {{ branches.left[0][1] }}
{%- endmacro %}

{#- The years whose clock changes are known: pytz lists them up to 2037. In `rules`, all rules that it knows apply. -#}
{% macro clock_years() %}
    {{ return({'first': 1970, 'rules': range(2027, 2038), 'last': 2100}) }}
{% endmacro %}

{#-
    The list of {utc, local, offset, ahead}: from `utc` (or, on the local clock, from `local`) on, the zone is
    `offset` seconds ahead of UTC, `ahead` of them beyond whole hours. The first entry applies before all others; the
    last are in the second year after the statistics, because no time that is read is further ahead. Found by sampling
    every ten days, within which no zone has changed twice, and then by bisection; Jinja's calls are slow, and dbt's
    parser does not need them.
-#}
{% macro utc_offset_changes(zone) %}
    {%- do check_zone(zone) -%}
    {%- set zone = modules.pytz.timezone(zone) -%}
    {%- set datetime = modules.datetime.datetime -%}
    {%- set step, minute = modules.datetime.timedelta(days=10), modules.datetime.timedelta(minutes=1) -%}
    {%- set years = clock_years() -%}
    {%- set last_year = (as_of_text()[:4] | int) + 2 if execute else years.first -%}
    {%- set start = datetime(years.first, 1, 1) -%}
    {%- set end = datetime([last_year, years.rules[-1]] | min, 12, 31) -%}
    {%- set steps = (end - start) // step if execute else 0 -%}
    {%- set offsets = [] -%}
    {%- for number in range(steps + 1) -%}
        {%- do offsets.append(zone.fromutc(start + number * step).utcoffset()) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- set by_rule = [] -%}
    {%- for number in range(1, steps + 1) if offsets[number] != offsets[number - 1] -%}
        {%- set before, offset, sampled = offsets[number - 1], offsets[number], start + number * step -%}
        {#- How many minutes earlier the offset held, and how many it did not: to the hour, whose beginning it mostly is. -#}
        {%- set search = namespace(held=0, not_yet=14400) -%}
        {%- for _ in range(16) if search.not_yet - search.held > 1 -%}
            {%- set apart = search.not_yet - search.held -%}
            {%- set middle = search.held + (apart // 120 * 60 if apart > 60 else 1 if apart == 60 else apart // 2) -%}
            {%- if zone.fromutc(sampled - middle * minute).utcoffset() == offset -%}
                {%- set search.held = middle -%}
            {%- else -%}
                {%- set search.not_yet = middle -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set change = sampled - search.held * minute -%}
        {%- do found.append({'moment': change, 'before': before, 'offset': offset}) -%}
        {%- do by_rule.append(found[-1]) if change.year in years.rules -%}
    {%- endfor -%}
    {%- for year in range(years.rules[-1] + 1, last_year + 1) -%}
        {%- do found.extend(changes_by_rule(year, by_rule)) -%}
    {%- endfor -%}
    {%- set first_offset = offsets[0].total_seconds() | int -%}
    {%- set changes = [{'utc': '0001-01-01 00:00:00', 'local': '0001-01-01 00:00:00', 'offset': first_offset, 'ahead': first_offset % 3600}] -%}
    {%- for change in found -%}
        {%- set offset = change.offset.total_seconds() | int -%}
        {%- do changes.append({
            'utc': change.moment | string,
            'local': (change.moment + [change.offset, change.before] | max) | string,
            'offset': offset,
            'ahead': offset % 3600,
        }) -%}
    {%- endfor -%}
    {{ return(changes) }}
{% endmacro %}

{#-
    The changes in a year that pytz no longer lists. Rules refer to weekdays: changes fall as in the latest year that
    begins on the same weekday, and from March on as in the latest whose March does.
-#}
{% macro changes_by_rule(year, by_rule) %}
    {%- set datetime = modules.datetime.datetime -%}
    {%- set alike = {} -%}
    {%- for month in (1, 3) -%}
        {%- for earlier in clock_years().rules if datetime(earlier, month, 1).weekday() == datetime(year, month, 1).weekday() -%}
            {%- do alike.update({month: earlier}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set changes = [] -%}
    {%- for change in by_rule -%}
        {%- set month = 1 if change.moment.month < 3 else 3 -%}
        {%- if change.moment.year == alike[month] -%}
            {%- set moment = change.moment + (datetime(year, month, 1) - datetime(alike[month], month, 1)) -%}
            {%- do changes.append({'moment': moment, 'before': change.before, 'offset': change.offset}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(changes | sort(attribute='moment')) }}
{% endmacro %}

{#- Refuse times whose local day is not known. -#}
{% macro check_clock_years() %}
    {%- set years = clock_years() -%}
    {%- if earliest_time()[:4] | int < years.first -%}
        {{ exceptions.raise_compiler_error('earliest_time ' ~ earliest_time() ~ ' lies before ' ~ years.first ~ ': the changes of the clocks before that are not known. Name a later one.') }}
    {%- elif as_of_text()[:4] | int > years.last - 2 -%}
        {{ exceptions.raise_compiler_error('as_of ' ~ as_of_text() ~ ' lies after ' ~ (years.last - 2) ~ ': the changes of the clocks after that are not known. Name an earlier one.') }}
    {%- endif -%}
{% endmacro %}

{#- Refuse a name that is not a time zone, and say what to do. -#}
{% macro check_zone(zone) %}
    {%- if zone not in modules.pytz.all_timezones_set -%}
        {{ exceptions.raise_compiler_error("'" ~ zone ~ "' is not a time zone: use an IANA name such as Europe/London or UTC.") }}
    {%- endif -%}
{% endmacro %}
