{#- Rules of the site's own, from var `rules`: for all instruments, and by the name of an instrument for that one. -#}

{#- What a rule may be called. -#}
{% macro site_rules() %}
    {{ return(['pass_rate_below', 'p95_above', 'pending_for', 'silent_for']) }}
{% endmacro %}

{#- The number that a rule gives for the instrument in a column; NULL if the site has no such rule for it. -#}
{% macro site_rule(name, instrument) -%}
    {%- set numbers = [] -%}
    {%- for rule in rules_by_instrument(name) -%}
        {%- do numbers.append({'instrument': rule.instrument, 'sql': cast_as(rule.number, 'double precision')}) -%}
    {%- endfor -%}
    {{ chosen_rule(numbers, instrument, cast_as('null', 'double precision')) }}
{%- endmacro %}

{#- The same in words: `the rule of the site is pending_for = 7200`. -#}
{% macro site_rule_words(name, instrument) -%}
    {%- set words = [] -%}
    {%- for rule in rules_by_instrument(name) -%}
        {%- set text = 'the rule of the site is ' ~ name ~ ' = ' ~ rule.number -%}
        {%- do words.append({'instrument': rule.instrument, 'sql': text_literal(text)}) -%}
    {%- endfor -%}
    {{ chosen_rule(words, instrument, text_literal(none)) }}
{%- endmacro %}

{#- Who a rule is for, and its number: the one for all instruments last, with the name none. -#}
{% macro rules_by_instrument(name) %}
    {%- set found = [] -%}
    {%- set rules = var('rules') or {} -%}
    {%- for key, value in rules.items() if value is mapping and value.get(name) is not none -%}
        {%- do found.append({'instrument': key, 'number': value[name]}) -%}
    {%- endfor -%}
    {%- if rules.get(name) is not none -%}
        {%- do found.append({'instrument': none, 'number': rules[name]}) -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{% macro chosen_rule(rules, instrument, otherwise) -%}
    {%- set others = namespace(sql=otherwise) -%}
    {%- set own = [] -%}
    {%- for rule in rules -%}
        {%- if rule.instrument is none -%}
            {%- set others.sql = rule.sql -%}
        {%- else -%}
            {%- do own.append('when ' ~ instrument ~ ' = ' ~ text_literal(rule.instrument) ~ ' then ' ~ rule.sql) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ 'case ' ~ own | join(' ') ~ ' else ' ~ others.sql ~ ' end' if own else others.sql }}
{%- endmacro %}

{#- Refuse a rule that is not known, or is no number. -#}
{% macro check_site_rules() %}
    {%- for key, value in (var('rules') or {}).items() -%}
        {%- if value is mapping -%}
            {%- for name, number in value.items() -%}
                {%- do check_site_rule(name, number, ' of ' ~ key) -%}
            {%- endfor -%}
        {%- else -%}
            {%- do check_site_rule(key, value, '') -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{% macro check_site_rule(name, number, whose) %}
    {%- if name not in site_rules() -%}
        {{ exceptions.raise_compiler_error(
            'There is no rule ' ~ name ~ whose ~ '. In var rules, write one of ' ~ site_rules() | join(', ') ~ '.'
        ) }}
    {%- elif number is not none and (number is not number or number is boolean or number < 0) -%}
        {{ exceptions.raise_compiler_error(
            'Rule ' ~ name ~ whose ~ ' is ' ~ number ~ ', which is no number from 0 on. Change it in var rules.'
        ) }}
    {%- endif -%}
{% endmacro %}
