{#-
    What each of our statements needs from its session, whatever the server's defaults are: dbt-mysql opens a
    connection per model, and its profile cannot set these.
    - `read committed`: by default, MySQL's INSERT ... SELECT also locks the rows that it reads, even in the source.
    - group_concat may be as long as a batch job's list of numbers.
    - A reader that keeps a table open delays its replacement for five minutes, not forever.
-#}
{% macro mysql_session() %}
    {%- call statement('session', auto_begin=False) -%}
        set
            session time_zone = '+00:00',
            session sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
            session group_concat_max_len = 16777216,
            {#-
                MariaDB may recompute a grouped query for each row that it is joined to, which is slower; and it compares
                each row of two such queries with each, unless hash joins are allowed and have room.
            #}
            {{ by_server(mariadb=mariadb_session(), mysql='') }}
            session lock_wait_timeout = 300
    {%- endcall -%}
    {%- call statement('isolation', auto_begin=False) -%}
        set session transaction isolation level read committed
    {%- endcall -%}
{% endmacro %}

{% macro mariadb_session() -%}
    session optimizer_switch = 'split_materialized=off', session join_cache_level = 4,
    session join_buffer_size = 16777216, session join_buffer_space_limit = 67108864,
{%- endmacro %}

{#-
    The collation in which names differ by case, accents and trailing spaces, as in the other databases. MySQL
    and MariaDB each have their own name for it.
-#}
{% macro mysql_collation() %}
    {{ return(by_server(mariadb='utf8mb4_nopad_bin', mysql='utf8mb4_0900_bin')) }}
{% endmacro %}

{#- SQL for each server, in comments that only that server executes, so that there is no need to ask which it is. -#}
{% macro by_server(mariadb, mysql) -%}
    /*M!100000 {{ mariadb }} */ /*!80000 {{ mysql }} */
{%- endmacro %}
