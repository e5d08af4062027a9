{#- An expression that is true of every row: rows for which it is false. A NULL passes, as in a CHECK constraint. -#}
{% test holds(model, expression) %}
select *
from {{ model }}
where not ({{ expression }})
{% endtest %}
