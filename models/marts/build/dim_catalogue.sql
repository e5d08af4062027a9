{#- Built from the project itself, without reading the source. -#}
{%- set columns = public_columns() if execute else [] -%}
with

final as (
    {%- for column in columns %}
    select
        {{ text_literal(column.model ~ '.' ~ column.name) }} as column_key,
        {{ text_literal(column.model) }} as model,
        {{ text_literal(column.name) }} as name,
        {{ text_literal(column.heading) }} as heading,
        {{ text_literal(column.short_heading) }} as short_heading,
        {{ text_literal(column.spoken) }} as spoken,
        {{ text_literal(column.kind) }} as kind,
        {{ text_literal(column.unit) }} as unit,
        {{ text_literal(column.metric) }} as metric,
        {{ text_literal(column.description) }} as description,

        {{ cast_as(column.position, 'integer') }} as position,

        {{ cast_as('1 = 1' if column.is_nullable else '1 = 0', 'boolean') }} as is_nullable
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
