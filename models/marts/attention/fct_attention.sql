{%- set no_name = cast_as('null', 'varchar') -%}
with

instruments as (
    select * from {{ ref('dim_instruments') }}
),

silences as (
    select * from {{ ref('rpt_instrument_silence') }}
),

missing_runs as (
    select * from {{ ref('rpt_missing_runs') }}
    where kind = 'archive_only' and state = 'open'
),

outages as (
    select * from {{ ref('fct_outages') }}
    where ended_at is null
),

tables as (
    select * from {{ ref('fct_table_freshness') }}
    where state = 'stale'
),

unusual_days as (
    select * from {{ ref('int_unusual_days') }}
    where is_worse
),

stuck_jobs as (
    select * from {{ ref('int_pending_jobs') }}
    where is_stuck
),

data_problems as (
    select * from {{ ref('fct_data_problems') }}
    where day >= {{ dbt.dateadd('day', -57, as_of_day()) }} and day <= {{ as_of_day() }}
),

recorded_days as (
    select
        day,
        sum(jobs_total) as jobs_total
    from {{ ref('fct_instrument_daily') }}
    where day >= {{ dbt.dateadd('day', -112, as_of_day()) }} and day <= {{ as_of_day() }}
    group by day
),

days as (
    select * from {{ ref('dim_days') }}
    where day >= {{ dbt.dateadd('day', -365, as_of_day()) }} and day <= {{ as_of_day() }}
),

runs_without_job as (
    select
        instrument,
        sum(runs) as runs,
        min(first_run_number) as first_run_number,
        max(last_run_number) as last_run_number,
        min(noticed_at) as noticed_at
    from missing_runs
    group by instrument
),

cycle_days as (
    select * from days
    where cycle is not null
),

-- If no cycle is known in the last year, there is beam every day.
beam_days as (
    select
        days.day,
        days.starts_at,
        days.ends_at,
        coalesce(recorded_days.jobs_total, 0) as jobs_total
    from days
    left join recorded_days on days.day = recorded_days.day
    where
        not days.is_maintenance_day
        and (days.cycle is not null or not exists (select * from cycle_days))
),

-- Jobs are expected on days with beam, if there were any on most such weekdays of the eight weeks before.
expected_days as (
    select
        beam_days.day,
        beam_days.starts_at,
        beam_days.ends_at
    from beam_days
    inner join beam_days as earlier
        on earlier.day < beam_days.day
        and earlier.day >= {{ dbt.dateadd('day', -56, 'beam_days.day') }}
        and mod({{ dbt.datediff('earlier.day', 'beam_days.day', 'day') }}, 7) = 0
    where beam_days.day > {{ dbt.dateadd('day', -56, as_of_day()) }}
    group by beam_days.day, beam_days.starts_at, beam_days.ends_at
    having count(case when earlier.jobs_total > 0 then 1 end) * 2 > count(*)
),

-- How much of the time since an instrument's newest job fell on such days.
waits as (
    select
        silences.instrument,
        {{ dbt.datediff(
            'greatest(expected_days.starts_at, silences.last_created_at)',
            'least(expected_days.ends_at, ' ~ as_of() ~ ')',
            'microsecond'
        ) }} as microseconds
    from silences
    inner join expected_days on silences.last_created_at < expected_days.ends_at
),

waited as (
    select
        instrument,
        {{ divide('sum(microseconds)', 1000000) }} as expected_seconds
    from waits
    group by instrument
),

judged_silences as (
    select
        silences.*,
        {{ site_rule('silent_for', 'silences.instrument') }} as site_rule,
        coalesce(waited.expected_seconds, 0) as expected_seconds
    from silences
    left join waited on silences.instrument = waited.instrument
),

newest_jobs as (
    select
        max(last_created_at) as last_created_at,
        min(expected_seconds) as expected_seconds
    from judged_silences
    where last_created_at is not null
),

ordered_stuck_jobs as (
    select
        *,
        {{ dbt.concat([
            "'job '", cast_as('job_id', 'varchar'),
            "coalesce(" ~ dbt.concat(["' of run '", cast_as('run_number', 'varchar')]) ~ ", '')",
        ]) }} as name,
        row_number() over (
            partition by instrument
            order by pending_since, job_id
        ) as place
    from stuck_jobs
),

stuck as (
    select
        instrument,
        count(*) as jobs,
        {{ join_texts('case when place <= 5 then name end', 'place') }} as names,
        max(case when place = 1 then name end) as name,
        max(case when place = 1 then status end) as status,
        max(case when place = 1 then pending_seconds end) as pending_seconds,
        max(case when place = 1 then unusual_above_seconds end) as unusual_above_seconds,
        min(pending_since) as pending_since
    from ordered_stuck_jobs
    group by instrument
),

-- Yesterday's or today's kinds of problem that an instrument known for four weeks has not had in the last eight.
new_problems as (
    select
        data_problems.instrument,
        data_problems.problem,
        count(*) as jobs,
        min(data_problems.job_id) as job_id,
        min(data_problems.day) as day
    from data_problems
    inner join instruments on data_problems.instrument = instruments.instrument
    where instruments.first_day <= {{ dbt.dateadd('day', -28, as_of_day()) }}
    group by data_problems.instrument, data_problems.problem
    having min(data_problems.day) >= {{ dbt.dateadd('day', -1, as_of_day()) }}
),

ordered_problems as (
    select
        instrument,
        day,
        {{ dbt.concat(["replace(problem, '_', ' ')", "' ('", counted('jobs', 'job', 'jobs'), "')'"]) }} as name,
        row_number() over (
            partition by instrument
            order by job_id, problem
        ) as place
    from new_problems
),

problems as (
    select
        instrument,
        count(*) as kinds,
        {{ join_texts('name', 'place') }} as names,
        min(day) as day
    from ordered_problems
    group by instrument
),

-- One row per instrument or table and subject: what is the matter, and what shows it.
found as (
    select
        instrument,
        'archive_only' as subject,
        'high' as severity,
        {{ dbt.concat([counted('runs', 'run has', 'runs have'), "' a file and no job'"]) }} as what,
        case
            when first_run_number = last_run_number
                then {{ dbt.concat(["'run '", cast_as('first_run_number', 'varchar')]) }}
            else {{ dbt.concat([
                "'from run '", cast_as('first_run_number', 'varchar'), "' to '", cast_as('last_run_number', 'varchar'),
            ]) }}
        end as evidence,
        noticed_at as since
    from runs_without_job

    union all

    select
        instruments.instrument,
        'behind' as subject,
        'high' as severity,
        'the database is behind the archive' as what,
        {{ dbt.concat([
            "'the archive has run '", cast_as('instruments.archive_last_run_number', 'varchar'),
            "', the database '", "coalesce(" ~ cast_as('instruments.last_run_number', 'varchar') ~ ", 'none')",
        ]) }} as evidence,
        silences.last_created_at as since
    from instruments
    inner join silences on instruments.instrument = silences.instrument
    where instruments.is_behind

    union all

    select
        instrument,
        'outage' as subject,
        'high' as severity,
        'down' as what,
        coalesce(reason, 'no reason was given') as evidence,
        started_at as since
    from outages

    union all

    select
        {{ no_name }} as instrument,
        'late' as subject,
        'high' as severity,
        'no instrument has a new job' as what,
        {{ dbt.concat([
            duration_words('expected_seconds'), "' without a job on days that usually have some'",
        ]) }} as evidence,
        last_created_at as since
    from newest_jobs
    where expected_seconds > 26 * 3600

    union all

    select
        instrument,
        'silent' as subject,
        'medium' as severity,
        {{ dbt.concat(["'no job on '", counted('silent_days', 'day', 'days'), "' with beam'"]) }} as what,
        {{ dbt.concat(["'the longest before took '", cast_as('coalesce(longest_before, 0)', 'varchar')]) }} as evidence,
        last_created_at as since
    from judged_silences
    where is_unusual and site_rule is null

    union all

    select
        instrument,
        'silent' as subject,
        'medium' as severity,
        {{ dbt.concat(["'no job for '", duration_words('expected_seconds'), "' of beam'"]) }} as what,
        {{ site_rule_words('silent_for', 'instrument') }} as evidence,
        last_created_at as since
    from judged_silences
    where is_active and not is_paused and expected_seconds > site_rule

    union all

    select
        instrument,
        'pending' as subject,
        'medium' as severity,
        {{ dbt.concat([
            'name', "' has been '", 'status', "' for '", duration_words('pending_seconds'),
            "case when jobs > 1 then " ~ dbt.concat(["', and '", cast_as('jobs - 1', 'varchar'), "' more'"]) ~ " else '' end",
        ]) }} as what,
        {{ dbt.concat([
            'names', "case when jobs > 5 then ', ...' else '' end", "'; '",
            "coalesce(" ~ site_rule_words('pending_for', 'instrument') ~ ", "
            ~ dbt.concat(["'unusual after '", duration_words('unusual_above_seconds')]) ~ ")",
        ]) }} as evidence,
        pending_since as since
    from stuck

    union all

    select
        unusual_days.instrument,
        unusual_days.subject,
        'medium' as severity,
        {{ dbt.concat([
            cast_as('unusual_days.jobs_affected', 'varchar'), "' of '", counted('unusual_days.jobs', 'job', 'jobs'), "' failed'",
        ]) }} as what,
        {{ dbt.concat([
            "'on '", cast_as('unusual_days.day', 'varchar'), "'; '",
            "coalesce(" ~ site_rule_words('pass_rate_below', 'unusual_days.instrument') ~ ", "
            ~ dbt.concat([
                "'usually '", percent_words('unusual_days.usual'),
                "', unusual above '", percent_words('unusual_days.unusual_above'),
            ]) ~ ")",
        ]) }} as evidence,
        days.starts_at as since
    from unusual_days
    inner join days on unusual_days.day = days.day
    where unusual_days.subject = 'failure_rate'

    union all

    select
        unusual_days.instrument,
        unusual_days.subject,
        'medium' as severity,
        case
            when unusual_days.site_rule is null
                then {{ dbt.concat(["'half of the jobs took more than '", duration_words('unusual_days.figure')]) }}
            else {{ dbt.concat(["'one in twenty jobs took more than '", duration_words('unusual_days.rated')]) }}
        end as what,
        {{ dbt.concat([
            "'on '", cast_as('unusual_days.day', 'varchar'), "'; '",
            "coalesce(" ~ site_rule_words('p95_above', 'unusual_days.instrument') ~ ", "
            ~ dbt.concat([
                "'usually '", duration_words('unusual_days.usual'),
                "', unusual above '", duration_words('unusual_days.unusual_above'),
            ]) ~ ")",
        ]) }} as evidence,
        days.starts_at as since
    from unusual_days
    inner join days on unusual_days.day = days.day
    where unusual_days.subject = 'execution_time'

    union all

    select
        problems.instrument,
        'data_problems' as subject,
        'medium' as severity,
        {{ dbt.concat([counted('problems.kinds', 'kind of odd data is', 'kinds of odd data are'), "' new'"]) }} as what,
        problems.names as evidence,
        days.starts_at as since
    from problems
    inner join days on problems.day = days.day

    union all

    select
        {{ no_name }} as instrument,
        'stale_table' as subject,
        'medium' as severity,
        {{ dbt.concat(["'table '", 'table_name', "' is stale'"]) }} as what,
        {{ dbt.concat(["'column '", 'column_name', "' on '", 'server']) }} as evidence,
        since
    from tables
),

final as (
    select
        {{ dbt.concat([
            'subject', "'|'", "coalesce(instrument, '')", "'|'", 'what', "'|'", 'evidence',
        ]) }} as attention_key,
        instrument,
        {{ cast_as('subject', 'varchar') }} as subject,
        {{ cast_as('severity', 'varchar') }} as severity,
        what,
        evidence,
        since
    from found
)

select * from final
