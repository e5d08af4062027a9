{{
    config(
        unique_key='name_key',
        full_refresh=var('accept_source'),
        indexes=server_indexes([
            ['name_key'],
            ['superseded_load'],
        ])
    )
}}
{%- set this_load = cast_as(next_load(job_versions()), 'bigint') -%}

with

names_now as (
    select * from {{ ref('stg_autoreduction__names') }}
),

{% if is_incremental() %}
names_known as (
    select * from {{ this }}
    where superseded_load is null
),

-- A name that the source no longer has stays as it was: jobs may still have it.
new_names as (
    select names_now.*
    from names_now
    left join names_known
        on names_now.subject = names_known.subject
        and names_now.source_id = names_known.source_id
    where names_known.name is null or names_known.name <> names_now.name
),

superseded as (
    select
        names_known.name_key,
        names_known.subject,
        names_known.name,
        names_known.source_id,
        names_known.load_number,
        {{ this_load }} as superseded_load,
        names_known.loaded_at
    from names_known
    inner join new_names
        on names_known.subject = new_names.subject
        and names_known.source_id = new_names.source_id
),
{% else %}
new_names as (
    select * from names_now
),
{% endif %}

final as (
    select
        {{ cast_as(dbt.concat([
            'subject', "'|'", cast_as('source_id', 'varchar'), "'|'", cast_as(this_load, 'varchar'), "'|'", 'name'
        ]), 'varchar') }} as name_key,
        subject,
        name,
        source_id,
        {{ this_load }} as load_number,
        {{ cast_as('null', 'bigint') }} as superseded_load,
        {{ as_of() }} as loaded_at
    from new_names

    {% if is_incremental() %}
    union all

    select * from superseded
    {% endif %}
)

select * from final
