with

known_runs as (
    select * from {{ ref('int_known_runs') }}
    where is_out_of_sequence
),

-- A gap too long to be missing runs: the numbering itself continued elsewhere.
final as (
    select
        instrument,

        run_number as run_number_before,
        next_run_number as run_number_after,

        next_arrived_at as noticed_at,
        next_arrived_day as noticed_day
    from known_runs
    where next_run_number - run_number - 1 > {{ setting('max_gap') }}
)

select * from final
