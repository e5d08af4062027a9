{#- An expression is true for every row: returns the rows for which it is false. NULL passes, as in a CHECK
    constraint. -#}
{% test expression_is_true(model, expression) %}
select *
from {{ model }}
where not ({{ expression }})
{% endtest %}
