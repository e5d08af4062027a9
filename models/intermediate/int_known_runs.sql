{{
    config(
        unique_key=['instrument', 'run_number'],
        post_hook='delete from {{ this }} where arrived_at is null',
        indexes=server_indexes([
            ['instrument', 'run_number'],
            ['load_number'],
            ['is_out_of_line'],
            ['next_run_number'],
            ['arrived_at'],
        ])
    )
}}

with

-- A job without an instrument says nothing about any instrument's run numbers.
single_jobs as (
    select
        instrument,
        run_number,
        created_at
    from {{ ref('fct_jobs') }}
    where not is_deleted and instrument <> 'unknown' and run_number is not null
),

batch_jobs as (
    select
        instrument,
        run_numbers,
        created_at
    from {{ ref('fct_jobs') }}
    where not is_deleted and instrument <> 'unknown' and run_numbers is not null
),

job_numbers as (
    select * from single_jobs

    union all

    select
        instrument,
        run_number,
        created_at
    from (
        {{ expand_numbers('batch_jobs', ['instrument', 'created_at'], 'run_numbers', 'run_number') }}
    ) as batch_numbers
),

{% if is_incremental() %}
touched_jobs as (
    {{ touched_jobs() }}
),

touched as (
    select
        instrument,
        run_number
    from touched_jobs
    where run_number is not null and instrument <> 'unknown'

    union

    select
        instrument,
        run_number
    from (
        {{ expand_numbers('touched_jobs', ['instrument'], 'run_numbers', 'run_number') }}
    ) as touched_batches
    where instrument <> 'unknown'
),

-- A number arrives with its first job; one that has none left is known no more.
arrivals as (
    select
        touched.instrument,
        touched.run_number,
        min(job_numbers.created_at) as arrived_at
    from touched
    left join job_numbers
        on touched.instrument = job_numbers.instrument
        and touched.run_number = job_numbers.run_number
    group by touched.instrument, touched.run_number
),

-- Most re-runs change nothing here.
changed as (
    select
        arrivals.instrument,
        arrivals.run_number,
        arrivals.arrived_at
    from arrivals
    left join {{ this }} as known
        on arrivals.instrument = known.instrument
        and arrivals.run_number = known.run_number
    where
        arrivals.arrived_at <> known.arrived_at
        or (arrivals.arrived_at is null) <> (known.arrived_at is null)
),
{{ store_here('changed', ['instrument', 'run_number', 'arrived_at']) }}

changed_ranges as (
    select
        instrument,
        min(run_number) as lowest_number,
        max(run_number) as highest_number
    from changed
    group by instrument
),

-- From the known number before the first change to the one after the last.
neighbourhoods as (
    select
        changed_ranges.instrument,
        coalesce(
            max(case when known.run_number < changed_ranges.lowest_number then known.run_number end),
            min(changed_ranges.lowest_number)
        ) as first_number,
        min(case when known.run_number > changed_ranges.highest_number then known.run_number end) as last_number
    from changed_ranges
    left join {{ this }} as known on changed_ranges.instrument = known.instrument
    group by changed_ranges.instrument
),

numbers_to_order as (
    select
        known.instrument,
        known.run_number,
        known.arrived_at
    from neighbourhoods
    inner join {{ this }} as known
        on neighbourhoods.instrument = known.instrument
        and known.run_number >= neighbourhoods.first_number
        and known.run_number <= coalesce(neighbourhoods.last_number, known.run_number)
    left join changed
        on known.instrument = changed.instrument
        and known.run_number = changed.run_number
    where changed.instrument is null

    union all

    select
        instrument,
        run_number,
        arrived_at
    from changed
    where arrived_at is not null
),
{% else %}
numbers_to_order as (
    select
        instrument,
        run_number,
        min(created_at) as arrived_at
    from job_numbers
    group by instrument, run_number
),
{% endif %}

ordered as (
    select
        instrument,
        run_number,
        arrived_at,
        lead(run_number) over (partition by instrument order by run_number) as next_run_number,
        lead(arrived_at) over (partition by instrument order by run_number) as next_arrived_at
    from numbers_to_order
),

{% if is_incremental() %}
rows_to_write as (
    select ordered.*
    from ordered
    inner join neighbourhoods on ordered.instrument = neighbourhoods.instrument
    -- The last number's own successor lies outside, and has not changed.
    where neighbourhoods.last_number is null or ordered.run_number < neighbourhoods.last_number

    union all

    select
        instrument,
        run_number,
        arrived_at,
        {{ cast_as('null', 'bigint') }} as next_run_number,
        arrived_at as next_arrived_at
    from changed
    where arrived_at is null
),
{% else %}
rows_to_write as (
    select * from ordered
),
{% endif %}

local_days as (
    select
        *,
        {{ local_day('arrived_at') }} as arrived_day,
        {{ local_day('next_arrived_at') }} as next_arrived_day
    from rows_to_write
),

final as (
    select
        instrument,

        run_number,
        next_run_number,
        {{ newest_load() }} as load_number,

        -- A hole follows, or the next number came on an earlier day.
        coalesce(next_run_number > run_number + 1 or arrived_day > next_arrived_day, false) as is_out_of_line,

        arrived_at,
        next_arrived_at,
        arrived_day,
        next_arrived_day
    from local_days
)

select * from final
