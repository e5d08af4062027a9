{{
    config(
        incremental_strategy='replace_touched',
        unique_key=['instrument', 'run_number'],
        indexes=server_indexes([
            ['instrument', 'run_number'],
            ['load_number'],
            ['is_out_of_sequence'],
            ['next_run_number'],
        ])
    )
}}
{%- set arrival = 'coalesce(created_at, started_at, finished_at, last_updated_at, ' ~ timestamp_literal(earliest_time()) ~ ')' -%}

with

-- A job without an instrument says nothing about any instrument's run numbers. One without a readable
-- creation time arrived at the first other time that it has: its run is in the database, not missing.
single_jobs as (
    select
        instrument,
        run_number,
        {{ arrival }} as arrived_at
    from {{ ref('fct_jobs') }}
    where not is_deleted and instrument <> 'unknown' and run_number is not null
),

batch_jobs as (
    select
        instrument,
        run_numbers,
        {{ arrival }} as arrived_at
    from {{ ref('fct_jobs') }}
    where not is_deleted and instrument <> 'unknown' and run_numbers is not null
),

batch_numbers as (
    {{ expand_list('batch_jobs', ['instrument', 'arrived_at'], 'run_numbers', ',', 'run_number', 'bigint') }}
),

{% if is_incremental() %}
touched as (
    {{ touched_cells(['instrument', 'run_number']) }}
),

job_numbers as (
    select single_jobs.*
    from touched
    inner join single_jobs
        on touched.instrument = single_jobs.instrument
        and touched.run_number = single_jobs.run_number

    union all

    select
        batch_numbers.instrument,
        batch_numbers.run_number,
        batch_numbers.arrived_at
    from touched
    inner join batch_numbers
        on touched.instrument = batch_numbers.instrument
        and touched.run_number = batch_numbers.run_number
),
{% else %}
job_numbers as (
    select * from single_jobs

    union all

    select
        instrument,
        run_number,
        arrived_at
    from batch_numbers
),
{% endif %}

-- A number arrives with its first job.
arrivals as (
    select
        instrument,
        run_number,
        min(arrived_at) as arrived_at
    from job_numbers
    group by instrument, run_number
),

{% if is_incremental() %}
-- Most re-runs change nothing here.
changed as (
    select
        touched.instrument,
        touched.run_number,
        arrivals.arrived_at
    from touched
    left join arrivals
        on touched.instrument = arrivals.instrument
        and touched.run_number = arrivals.run_number
    left join {{ this }} as known
        on touched.instrument = known.instrument
        and touched.run_number = known.run_number
    where
        arrivals.arrived_at <> known.arrived_at
        or (arrivals.arrived_at is null) <> (known.arrived_at is null)
),

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
        instrument,
        coalesce(
            (
                select max(known.run_number) from {{ this }} as known
                where known.instrument = changed_ranges.instrument and known.run_number < changed_ranges.lowest_number
            ),
            lowest_number
        ) as first_number,
        (
            select min(known.run_number) from {{ this }} as known
            where known.instrument = changed_ranges.instrument and known.run_number > changed_ranges.highest_number
        ) as last_number
    from changed_ranges
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
    select * from arrivals
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
    -- The last number's own successor is outside and has not changed.
    where neighbourhoods.last_number is null or ordered.run_number < neighbourhoods.last_number

    union all

    -- A touched number outside stays as it is.
    select
        known.instrument,
        known.run_number,
        known.arrived_at,
        known.next_run_number,
        known.next_arrived_at
    from touched
    inner join {{ this }} as known
        on touched.instrument = known.instrument
        and touched.run_number = known.run_number
    left join neighbourhoods on known.instrument = neighbourhoods.instrument
    where
        neighbourhoods.instrument is null
        or known.run_number < neighbourhoods.first_number
        or known.run_number >= neighbourhoods.last_number
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

        -- A gap follows, or the next number came on an earlier day.
        coalesce(next_run_number > run_number + 1 or arrived_day > next_arrived_day, false) as is_out_of_sequence,

        arrived_at,
        next_arrived_at,
        arrived_day,
        next_arrived_day
    from local_days
)

select * from final
