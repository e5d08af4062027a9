{#- A job's status in one spelling, from the words of era A and the letters of eras B and C, in any case. -#}
{% macro normalise_status(value) -%}
    case lower(trim({{ value }}))
        when 'c' then 'completed'
        when 'completed' then 'completed'
        when 'e' then 'error'
        when 'error' then 'error'
        when 's' then 'skipped'
        when 'skipped' then 'skipped'
        when 'q' then 'queued'
        when 'queued' then 'queued'
        when 'p' then 'processing'
        when 'processing' then 'processing'
        else 'other'
    end
{%- endmacro %}

{#- Who started a job: the service, the development team, or one of the users. -#}
{% macro starter(started_by) -%}
    case
        when {{ started_by }} = 0 then 'auto'
        when {{ started_by }} = -1 then 'devs'
        when {{ started_by }} > 0 then 'users'
        else 'unknown'
    end
{%- endmacro %}
