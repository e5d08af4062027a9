{{ config(materialized='view', tags=['live']) }}

with

messages as (
    select * from {{ ref('int_messages') }}
),

by_second as (
    select
        {{ bucket_start('announced_at', 1) }} as second_start,
        instrument,
        topic,
        count(*) as announcements
    from messages
    where announced_at > {{ dbt.dateadd('day', '-' ~ var('live_days'), as_of()) }}
    group by 1, 2, 3
),

final as (
    select
        instrument,
        topic,

        announcements,

        second_start,
        {{ bucket_start('second_start', 5) }} as five_seconds_start,
        {{ bucket_start('second_start', 60) }} as minute_start
    from by_second
)

select * from final
