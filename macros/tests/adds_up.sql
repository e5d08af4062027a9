{#- The parts of a total add up to it: rows for which they do not, a NULL among them included. -#}
{% test adds_up(model, total, parts) %}
select *
from {{ model }}
where ({{ parts | join(' + ') }} = {{ total }}) is not true
{% endtest %}
