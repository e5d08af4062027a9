{#- Sentences for people, made in SQL: whole numbers alone, for databases do not write others alike. -#}

{#- A number of things: '1 run', '3 runs'. -#}
{% macro counted(number, one, many) -%}
    {{ dbt.concat([cast_as(number, 'varchar'), "case when " ~ number ~ " = 1 then ' " ~ one ~ "' else ' " ~ many ~ "' end"]) }}
{%- endmacro %}

{#- A duration as in reports: '51s', '1m 39s', '1h 02m', '3d 14h'. -#}
{% macro duration_words(seconds) -%}
    case
        when {{ seconds }} < 60 then {{ dbt.concat([whole(seconds), "'s'"]) }}
        {%- for most, unit, large, part, small in [(3600, 60, 'm', 1, 's'), (86400, 3600, 'h', 60, 'm'), (none, 86400, 'd', 3600, 'h')] %}
        {{ 'when ' ~ seconds ~ ' < ' ~ most ~ ' then' if most else 'else' }}
            {{ dbt.concat([
                whole(seconds ~ ' / ' ~ unit), "'" ~ large ~ " '",
                "lpad(" ~ whole('(' ~ seconds ~ ' - ' ~ unit ~ ' * floor(' ~ seconds ~ ' / ' ~ unit ~ ')) / ' ~ part) ~ ", 2, '0')",
                "'" ~ small ~ "'",
            ]) }}
        {%- endfor %}
    end
{%- endmacro %}

{#- A share as a percentage without decimals: '3 %'. -#}
{% macro percent_words(share) -%}
    {{ dbt.concat([whole('100 * ' ~ share ~ ' + 0.5'), "' %'"]) }}
{%- endmacro %}

{#- A number without its decimals, as text. -#}
{% macro whole(number) -%}
    {{ cast_as(cast_as('floor(' ~ number ~ ')', 'bigint'), 'varchar') }}
{%- endmacro %}
