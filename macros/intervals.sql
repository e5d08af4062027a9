{#-
    CTEs that clip states to windows, in one pass over the points and bounds of each subject. `points` has
    {subject}, starts_at, state and reason: from then on the state holds, until the next point. `windows` has {subject},
    day, starts_at and ends_at; those of a subject do not overlap. The last CTE, `states_in_windows`, has {subject}, day,
    state, reason, starts_at and ends_at: half-open intervals that together fill the windows. Before the first point the
    state is `before`.
-#}
{% macro states_in_windows(points, windows, subject, before) -%}
events as (
    select
        {{ subject }},
        starts_at as moment,
        1 as place,
        state,
        reason,
        {{ cast_as('null', 'date') }} as day,
        0 as is_bound
    from {{ points }}

    union all

    select
        {{ subject }},
        starts_at as moment,
        2 as place,
        {{ cast_as('null', 'varchar') }} as state,
        {{ cast_as('null', 'varchar') }} as reason,
        day,
        1 as is_bound
    from {{ windows }}

    union all

    select
        {{ subject }},
        ends_at as moment,
        0 as place,
        {{ cast_as('null', 'varchar') }} as state,
        {{ cast_as('null', 'varchar') }} as reason,
        {{ cast_as('null', 'date') }} as day,
        1 as is_bound
    from {{ windows }}
),

-- Each event holds from its moment to the next one's.
numbered as (
    select
        {{ subject }},
        moment,
        state,
        reason,
        day,
        count(state) over (
            partition by {{ subject }}
            order by moment, place
            rows between unbounded preceding and current row
        ) as point_number,
        sum(is_bound) over (
            partition by {{ subject }}
            order by moment, place
            rows between unbounded preceding and current row
        ) as bound_number,
        lead(moment) over (
            partition by {{ subject }}
            order by moment, place
        ) as next_moment
    from events
),

-- A bound leaves the state as it was, and a point the window.
carried as (
    select
        {{ subject }},
        moment,
        next_moment,
        max(state) over (partition by {{ subject }}, point_number) as state,
        max(reason) over (partition by {{ subject }}, point_number) as reason,
        max(day) over (partition by {{ subject }}, bound_number) as day
    from numbered
),

states_in_windows as (
    select
        {{ subject }},
        day,
        coalesce(state, {{ text_literal(before) }}) as state,
        reason,
        moment as starts_at,
        next_moment as ends_at
    from carried
    where day is not null and moment < next_moment
)
{%- endmacro %}
