-- A day belongs to one cycle at most: otherwise it would be counted twice.
select
    earlier.cycle,
    later.cycle as overlapping_cycle
from {{ ref('dim_cycles') }} as earlier
inner join {{ ref('dim_cycles') }} as later
    on earlier.cycle <> later.cycle
    and later.first_day between earlier.first_day and earlier.last_day
