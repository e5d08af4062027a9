{#- Built from the project itself, without reading the source. -#}
{%- set texts = ['model', 'name', 'heading', 'short_heading', 'spoken', 'kind', 'unit', 'metric', 'description'] -%}
with

-- What the models' YAML says, as texts.
described as (
    {{ text_rows(texts + ['position', 'is_nullable'], public_columns() if execute else []) }}
),

typed as (
    select
        {%- for name in texts %}
        {{ cast_as(name, 'varchar') }} as {{ name }},
        {%- endfor %}
        {{ cast_as('position', 'integer') }} as position,
        {{ cast_as("is_nullable = 'True'", 'boolean') }} as is_nullable
    from described
),

final as (
    select
        {{ dbt.concat(['model', "'.'", 'name']) }} as column_key,
        {{ texts | join(',\n        ') }},

        position,

        is_nullable
    from typed
)

select * from final
