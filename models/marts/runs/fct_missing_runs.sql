{#- The numbers that no later job reveals were noticed when they were first listed: this table remembers it. -#}
{%- set before = own_copy('fct_missing_runs') -%}
{%- set remembers = before and 'kind' in existing_columns(before) -%}
with

known_runs as (
    select * from {{ ref('int_known_runs') }}
),

ignored_runs as (
    select * from {{ ref('ignored_runs') }}
),

days as (
    select * from {{ ref('dim_days') }}
),

present_files as (
    {{ present_files() }}
),

seen_runs as (
    select * from {{ ref('int_seen_runs') }}
),

instruments as (
    select * from {{ ref('dim_instruments') }}
),

messages as (
    select * from {{ ref('int_messages') }}
),

file_ranges as (
    select
        instrument,
        first_run_number,
        last_run_number,
        case when is_settled then 1 else 0 end as is_settled
    from present_files
    where first_run_number is not null
),

-- Announced so long ago that there should be a job.
announced_runs as (
    select
        instrument,
        run_number,
        {{ dbt.dateadd('second', var('announce_grace'), 'min(announced_at)') }} as noticed_at
    from messages
    group by instrument, run_number
    having {{ dbt.dateadd('second', var('announce_grace'), 'min(announced_at)') }} <= {{ as_of() }}
),

announced_without_job as (
    select announced_runs.*
    from announced_runs
    inner join instruments on announced_runs.instrument = instruments.instrument
    left join known_runs
        on announced_runs.instrument = known_runs.instrument
        and announced_runs.run_number = known_runs.run_number
    where known_runs.run_number is null
),

announced_only as (
    select announced_without_job.*
    from announced_without_job
    left join file_ranges
        on announced_without_job.instrument = file_ranges.instrument
        and announced_without_job.run_number >= file_ranges.first_run_number
        and announced_without_job.run_number <= file_ranges.last_run_number
    where file_ranges.instrument is null
),

gaps as (
    select
        instrument,
        run_number + 1 as first_run_number,
        next_run_number - 1 as last_run_number,
        next_arrived_at as noticed_at,
        next_arrived_day as noticed_day
    from known_runs
    where is_out_of_sequence and next_run_number > run_number + 1
),

-- Each number between two consecutive known ones; the arrival of the second reveals the gap. If it is too long to be
-- one of missing runs, those that have a file or were announced are missing all the same.
ranges_of_holes as (
    select * from gaps
    where last_run_number - first_run_number < {{ setting('max_gap') }}

    union all

    select
        gaps.instrument,
        greatest(gaps.first_run_number, file_ranges.first_run_number) as first_run_number,
        least(gaps.last_run_number, file_ranges.last_run_number) as last_run_number,
        gaps.noticed_at,
        gaps.noticed_day
    from gaps
    inner join file_ranges
        on gaps.instrument = file_ranges.instrument
        and gaps.first_run_number <= file_ranges.last_run_number
        and gaps.last_run_number >= file_ranges.first_run_number
    where gaps.last_run_number - gaps.first_run_number >= {{ setting('max_gap') }}

    union all

    select
        gaps.instrument,
        announced_only.run_number as first_run_number,
        announced_only.run_number as last_run_number,
        gaps.noticed_at,
        gaps.noticed_day
    from gaps
    inner join announced_only
        on gaps.instrument = announced_only.instrument
        and gaps.first_run_number <= announced_only.run_number
        and gaps.last_run_number >= announced_only.run_number
    where gaps.last_run_number - gaps.first_run_number >= {{ setting('max_gap') }}
),

numbers_of_holes as (
    {{ expand_range(
        'ranges_of_holes', ['instrument', 'noticed_at', 'noticed_day'], 'first_run_number', 'last_run_number', 'run_number'
    ) }}
),

holes as (
    select distinct * from numbers_of_holes
),

-- What the newest looks at an instrument's files, taken together, can say.
looks as (
    select
        instrument,
        max(announced_run_number) as announced_run_number,
        max(settle_seconds) as settle_seconds,
        min(started_at) as oldest_started_at,
        max(ended_at) as ended_at
    from present_files
    group by instrument
),

lowest_seen as (
    select
        instrument,
        min(first_run_number) as run_number
    from seen_runs
    group by instrument
),

holes_with_file as (
    select
        holes.instrument,
        holes.run_number,
        max(file_ranges.is_settled) as is_settled
    from holes
    inner join file_ranges
        on holes.instrument = file_ranges.instrument
        and holes.run_number >= file_ranges.first_run_number
        and holes.run_number <= file_ranges.last_run_number
    group by holes.instrument, holes.run_number
),

-- A file that was there once was written.
holes_once_seen as (
    select
        holes.instrument,
        holes.run_number
    from holes
    inner join seen_runs
        on holes.instrument = seen_runs.instrument
        and holes.run_number >= seen_runs.first_run_number
        and holes.run_number <= seen_runs.last_run_number
),

-- A file that may still be written proves nothing. That there is none proves something if every look began after it
-- should have been there, and if the archive reaches back that far.
judged_holes as (
    select
        holes.instrument,
        holes.run_number,
        case
            when holes_with_file.is_settled = 1 then 'archive_only'
            when announced_only.run_number is not null then 'announced_only'
            when
                holes_once_seen.run_number is null
                and holes.run_number > lowest_seen.run_number
                and {{ dbt.dateadd('second', 'looks.settle_seconds', 'holes.noticed_at') }} < looks.oldest_started_at
                then 'never_written'
            else 'gap'
        end as kind,
        1 as is_between,
        case when holes_with_file.is_settled = 0 then 1 else 0 end as is_settling,
        {{ cast_as('null', 'timestamp') }} as arrived_at,
        holes.noticed_at,
        holes.noticed_day
    from holes
    left join looks on holes.instrument = looks.instrument
    left join lowest_seen on holes.instrument = lowest_seen.instrument
    left join holes_with_file
        on holes.instrument = holes_with_file.instrument
        and holes.run_number = holes_with_file.run_number
    left join holes_once_seen
        on holes.instrument = holes_once_seen.instrument
        and holes.run_number = holes_once_seen.run_number
    left join announced_only
        on holes.instrument = announced_only.instrument
        and holes.run_number = announced_only.run_number
),

-- Known now, but only since a later day than the number after it.
late_runs as (
    select
        instrument,
        run_number,
        'gap' as kind,
        1 as is_between,
        0 as is_settling,
        arrived_at,
        next_arrived_at as noticed_at,
        next_arrived_day as noticed_day
    from known_runs
    where
        is_out_of_sequence
        and next_run_number - run_number - 1 <= {{ setting('max_gap') }}
        and arrived_day > next_arrived_day
),

last_known as (
    select
        known_runs.instrument,
        known_runs.run_number,
        looks.announced_run_number,
        looks.ended_at,
        {{ dbt.dateadd('second', 'looks.settle_seconds', 'looks.ended_at') }} as settled_at
    from known_runs
    inner join looks on known_runs.instrument = looks.instrument
    where known_runs.next_run_number is null
),

-- What is known of the numbers above the last known one; the lowest level counts: 1 a file, 2 one that may still be
-- written, 3 an announcement, 4 one so new that its file may be on its way.
ranges_above as (
    select
        last_known.instrument,
        last_known.ended_at as noticed_at,
        greatest(file_ranges.first_run_number, last_known.run_number + 1) as first_run_number,
        file_ranges.last_run_number,
        2 - file_ranges.is_settled as evidence_level
    from last_known
    inner join file_ranges
        on last_known.instrument = file_ranges.instrument
        and last_known.run_number < file_ranges.last_run_number

    union all

    select
        instrument,
        ended_at as noticed_at,
        run_number + 1 as first_run_number,
        announced_run_number as last_run_number,
        case when settled_at <= {{ as_of() }} then 3 else 4 end as evidence_level
    from last_known
    where announced_run_number > run_number and announced_run_number - run_number <= {{ setting('max_gap') }}
),

numbers_above as (
    {{ expand_range(
        'ranges_above', ['instrument', 'noticed_at', 'evidence_level'], 'first_run_number', 'last_run_number', 'run_number'
    ) }}
),

-- Without a file, what a message says of a run is more than that a later one is known.
tail_runs as (
    select
        numbers_above.instrument,
        numbers_above.run_number,
        'tail' as kind,
        case when min(numbers_above.evidence_level) in (2, 4) then 1 else 0 end as is_settling,
        max(numbers_above.noticed_at) as noticed_at
    from numbers_above
    left join announced_only
        on numbers_above.instrument = announced_only.instrument
        and numbers_above.run_number = announced_only.run_number
    where announced_only.run_number is null
    group by numbers_above.instrument, numbers_above.run_number
),

{{ merged_ranges('file_ranges') }},

-- The numbers between the files, from the lowest ever seen on, without an end.
ranges_without_file as (
    select
        instrument,
        last_run_number + 1 as first_run_number,
        lead(first_run_number) over (partition by instrument order by first_run_number) - 1 as last_run_number
    from merged_ranges

    union all

    select
        lowest_seen.instrument,
        lowest_seen.run_number as first_run_number,
        min(merged_ranges.first_run_number) - 1 as last_run_number
    from lowest_seen
    left join merged_ranges on lowest_seen.instrument = merged_ranges.instrument
    group by lowest_seen.instrument, lowest_seen.run_number
),

-- Jobs whose file no look found that began after they had arrived.
runs_without_file as (
    select
        known_runs.instrument,
        known_runs.run_number,
        'db_only' as kind,
        0 as is_settling,
        looks.ended_at as noticed_at
    from ranges_without_file
    inner join looks on ranges_without_file.instrument = looks.instrument
    inner join known_runs
        on ranges_without_file.instrument = known_runs.instrument
        and known_runs.run_number >= ranges_without_file.first_run_number
        and known_runs.run_number <= coalesce(ranges_without_file.last_run_number, known_runs.run_number)
    where known_runs.arrived_at < looks.oldest_started_at
),

found_in_archive as (
    select * from tail_runs
    union all
    select * from runs_without_file
),

first_found as (
    select
        found_in_archive.instrument,
        found_in_archive.run_number,
        found_in_archive.kind,
        found_in_archive.is_settling,
        {% if remembers -%}
        coalesce(earlier.noticed_at, found_in_archive.noticed_at) as noticed_at
        {%- else -%}
        found_in_archive.noticed_at
        {%- endif %}
    from found_in_archive
    {%- if remembers %}
    left join {{ before }} as earlier
        on found_in_archive.instrument = earlier.instrument
        and found_in_archive.run_number = earlier.run_number
        and found_in_archive.kind = earlier.kind
        and earlier.noticed_at <= {{ as_of() }}
    {%- endif %}
),

-- Those that do not lie between two known ones.
announced_elsewhere as (
    select
        announced_only.instrument,
        announced_only.run_number,
        'announced_only' as kind,
        0 as is_settling,
        announced_only.noticed_at
    from announced_only
    left join holes
        on announced_only.instrument = holes.instrument
        and announced_only.run_number = holes.run_number
    where holes.run_number is null
),

found_elsewhere as (
    select * from first_found
    union all
    select * from announced_elsewhere
),

missing as (
    select * from judged_holes
    union all
    select * from late_runs
    union all
    select
        instrument,
        run_number,
        kind,
        0 as is_between,
        is_settling,
        {{ cast_as('null', 'timestamp') }} as arrived_at,
        noticed_at,
        {{ local_day('noticed_at') }} as noticed_day
    from found_elsewhere
),

ignored as (
    select
        missing.instrument,
        missing.run_number,
        missing.kind,
        min(ignored_runs.reason) as reason
    from missing
    inner join ignored_runs
        on missing.instrument = ignored_runs.instrument
        and missing.run_number between ignored_runs.first_run_number and ignored_runs.last_run_number
    where missing.arrived_at is null
    group by missing.instrument, missing.run_number, missing.kind
),

final as (
    select
        missing.instrument,
        {{ cast_as('missing.kind', 'varchar') }} as kind,
        case
            when missing.arrived_at is not null then 'arrived'
            when ignored.run_number is not null then 'ignored'
            when missing.is_settling = 1 then 'settling'
            else 'open'
        end as state,
        ignored.reason as ignored_reason,
        days.cycle,

        missing.run_number,

        -- Those that are counted among the missing runs of the day on which they were noticed.
        missing.arrived_at is null
        and ignored.run_number is null
        and missing.is_settling = 0
        and missing.is_between = 1
        and missing.kind in ('gap', 'archive_only', 'announced_only') as is_counted,

        missing.noticed_at,
        missing.arrived_at,
        missing.noticed_day
    from missing
    left join ignored
        on missing.instrument = ignored.instrument
        and missing.run_number = ignored.run_number
        and missing.kind = ignored.kind
    left join days on missing.noticed_day = days.day
)

select * from final
