{#- The parts of a total add up to it: returns the rows for which they do not, including any with a NULL. -#}
{% test adds_up(model, total, parts) %}
select *
from {{ model }}
where ({{ parts | join(' + ') }} = {{ total }}) is not true
{% endtest %}
