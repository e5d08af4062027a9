{#-
    Where an incremental model of tables' days begins again: the days of all tables from `open_day` on, which the last
    run or this one cannot know to their ends, and those of a table from its earliest check on that came since the load
    `seen`. `first_day` is the first of all of them. Dates as text.
-#}
{% macro reach_of_table_days(changes) %}
    {%- set seen = seen_load() -%}
    {%- set query -%}
        select {{ cast_as('min(day)', 'varchar') }}, {{ cast_as('min(all_days)', 'varchar') }}
        from (
            select max(day) as day, max(day) as all_days from {{ this }}
            union all
            select {{ as_of_day() }} as day, {{ as_of_day() }} as all_days
            union all
            select {{ cast_as('null', 'date') }} as day, {{ local_day('min(checked_at)', changes) }} as all_days
            from {{ ref('int_table_checks') }}
            where load_number > {{ seen }}
        ) as days
    {%- endset -%}
    {%- if not execute -%}
        {{ return({'seen': 0, 'open_day': '2000-01-01', 'first_day': '2000-01-01'}) }}
    {%- endif -%}
    {%- set row = run_query(query).rows[0] -%}
    {{ return({'seen': seen, 'open_day': row[0], 'first_day': row[1]}) }}
{% endmacro %}

{#- The days that may have a row now and must not keep it: a run in the past forgets what it cannot know. -#}
{% macro table_days_from_as_of(cell) -%}
    select {{ cell | join(', ') }} from {{ this }} where day >= {{ as_of_day() }}
{%- endmacro %}
