{#- Collectors keep their rows for `observation_days` only: this copy is never built from scratch. -#}
{{
    config(
        unique_key=['table_key', 'checked_at'],
        full_refresh=false,
        indexes=server_indexes([['table_key', 'checked_at'], ['checked_at'], ['collection_id'], ['load_number']])
    )
}}

with

checks as (
    select * from {{ ref('stg_observations__table_checks') }}
    {% if is_incremental() -%}
    where collection_id not in (select collection_id from {{ this }})
    {%- endif %}
),

-- Of two checks of a table at one instant, the later collection's counts; within one, the one that tells less.
ranked as (
    select
        *,
        row_number() over (
            partition by table_key, checked_at
            order by
                collection_id desc,
                case when last_update is null then 0 else 1 end asc,
                last_update asc,
                status asc
        ) as place
    from checks
),

final as (
    select
        ranked.table_key,
        ranked.dbobject,
        ranked.table_name,
        ranked.column_name,
        ranked.server,
        ranked.db_type,
        ranked.status,

        ranked.duration_seconds,
        ranked.interval_seconds,
        ranked.warn_after_seconds,
        ranked.error_after_seconds,

        ranked.last_update,
        ranked.checked_at,
        ranked.collection_id,
        {{ cast_as(next_load(this if is_incremental() else none), 'bigint') }} as load_number
    from ranked
    {% if is_incremental() -%}
    left join {{ this }} as known
        on ranked.table_key = known.table_key
        and ranked.checked_at = known.checked_at
    {%- endif %}
    where
        ranked.place = 1
        {%- if is_incremental() %}
        and (known.collection_id is null or known.collection_id < ranked.collection_id)
        {%- endif %}
)

select * from final
