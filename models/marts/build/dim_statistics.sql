{#- Built from the project itself, without reading the source. -#}
{%- set names = [
    'ident', 'name', 'model', 'package', 'summary', 'bucket', 'time_column', 'dimensions', 'measures', 'chart'
] -%}
with

-- What the models' YAML says, as texts.
declared as (
    {{ text_rows(names, declared_statistics() if execute else []) }}
),

final as (
    select
        {%- for name in names %}
        {{ cast_as(name, 'varchar') }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from declared
)

select * from final
