{#- An expression that is true for every row: rows for which it is false. A NULL passes, as in a CHECK constraint. -#}
{% test expression_is_true(model, expression) %}
select *
from {{ model }}
where not ({{ expression }})
{% endtest %}
