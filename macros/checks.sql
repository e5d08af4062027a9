{#-
    On every run: refuse to mix statistics of different settings, versions or sources in one database. A full refresh
    removes the stamp first, and the last model puts it back: a database without it was left half-built.
-#}
{% macro check_statistics() %}
    {%- if not execute or flags.WHICH not in ('run', 'build') -%}
        {{ return('') }}
    {%- endif -%}
    {#- Before anything is dropped because of impossible settings. -#}
    {%- do check_zone(facility_timezone()) -%}
    {%- do check_zone(source_timezone()) -%}
    {%- do check_clock_years() -%}
    {%- do check_selection() -%}
    {%- do check_site_rules() -%}
    {%- if var('accept_source') and not flags.FULL_REFRESH -%}
        {{ exceptions.raise_compiler_error('Another source can be taken by a full refresh alone: add --full-refresh.') }}
    {%- endif -%}
    {%- set versions = job_versions() -%}
    {%- set stamp = adapter.get_relation(target.database, target.schema, 'dim_settings') -%}
    {%- if versions and stamp -%}
        {%- set built = built_with(stamp) -%}
        {%- do check_settings(built) -%}
        {%- if not var('accept_source') and built.schema_version == schema_version() and not is_live() -%}
            {%- do check_source(built, versions) -%}
        {%- endif -%}
    {%- elif versions and not flags.FULL_REFRESH -%}
        {{ exceptions.raise_compiler_error('The last full load did not finish. Run once with --full-refresh.') }}
    {%- endif -%}
    {%- if stamp and flags.FULL_REFRESH and 'model.autostats.int_job_versions' in selected_resources -%}
        {%- do adapter.drop_relation(stamp) -%}
    {%- endif -%}
    {#- Other connections build the models: they would wait for a transaction that the checks began. -#}
    {%- call statement('finish', auto_begin=true) -%} select 1 {%- endcall -%}
    {%- do adapter.commit() -%}
    {{ return('') }}
{% endmacro %}

{#- Whether only models with the tag live are selected, which read what collectors have seen, and no source. -#}
{% macro is_live() %}
    {%- set found = namespace(live=0, others=0) -%}
    {%- for name in selected_resources if name.startswith('model.') -%}
        {%- if 'live' in graph.nodes[name].tags -%}
            {%- set found.live = found.live + 1 -%}
        {%- else -%}
            {%- set found.others = found.others + 1 -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found.live > 0 and found.others == 0) }}
{% endmacro %}

{#- What an earlier run read says nothing about this run's names and days, nor, in a full refresh, about all jobs. -#}
{% macro check_selection() %}
    {%- if 'model.autostats.int_job_versions' in selected_resources and 'model.autostats.int_jobs_read' not in selected_resources -%}
        {{ exceptions.raise_compiler_error('int_job_versions takes what the same run has read: select int_jobs_read as well.') }}
    {%- endif -%}
{% endmacro %}

{#- The row of dim_settings, by column. An older version may lack some. -#}
{% macro built_with(stamp) %}
    {%- set table = run_query('select * from ' ~ stamp) -%}
    {%- set built = {} -%}
    {%- for name in table.column_names -%}
        {%- do built.update({name: table.rows[0][name]}) -%}
    {%- endfor -%}
    {{ return(built) }}
{% endmacro %}

{#- A setting that is merely absent never changes what was built; only a named one does. -#}
{% macro check_settings(built) %}
    {%- if built.schema_version > schema_version() -%}
        {{ exceptions.raise_compiler_error('These statistics were built by a newer version of autostats. Upgrade this one.') }}
    {%- elif built.schema_version < schema_version() -%}
        {%- if not flags.FULL_REFRESH -%}
            {{ exceptions.raise_compiler_error('These statistics were built by an older version. Run once with --full-refresh.') }}
        {%- endif -%}
        {{ return('') }}
    {%- endif -%}
    {%- for name in default_settings() -%}
        {%- set before = (built[name] | string)[:19] -%}
        {%- set now = (earliest_time() if name == 'earliest_time' else setting(name)) | string -%}
        {%- if before != now and var(name) is none -%}
            {{ exceptions.raise_compiler_error(
                'These statistics were built with ' ~ name ~ ' ' ~ before ~ ", and this run names none. Add --vars '{"
                ~ name ~ ': "' ~ before ~ '"}\', or set it in dbt_project.yml.'
            ) }}
        {%- elif before != now and name in ('facility_timezone', 'source_timezone', 'earliest_time') and not flags.FULL_REFRESH -%}
            {{ exceptions.raise_compiler_error(
                'These statistics were built with ' ~ name ~ ' ' ~ before ~ ', and this run has ' ~ now
                ~ '. Run once with --full-refresh to rebuild them.'
            ) }}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{#-
    Refuse another source: one in another place that lacks the oldest of our jobs, one in the same place whose oldest
    jobs are now all different, and one that has lost most of the jobs that a run looks at again. Deletions alone prove
    nothing: old jobs are cleaned up.
-#}
{% macro check_source(built, versions) %}
    {%- set now = source_identity() -%}
    {%- set places = [] -%}
    {%- for name in ('kind', 'database', 'server') if built['source_' ~ name] and now[name] and built['source_' ~ name] != now[name] -%}
        {%- do places.append(name ~ ' ' ~ now[name] ~ ' instead of ' ~ built['source_' ~ name]) -%}
    {%- endfor -%}
    {%- set jobs = oldest_jobs(built, versions) -%}
    {%- set reasons = [] -%}
    {%- if places and jobs.total and jobs.same * 2 <= jobs.total -%}
        {%- do reasons.append(places | join(', ')) -%}
    {%- endif -%}
    {%- if (places and reasons) or (jobs.others and not jobs.same) -%}
        {%- do reasons.append(
            'of the ' ~ jobs.total ~ ' oldest jobs it has ' ~ jobs.same ~ ', and ' ~ jobs.others
            ~ ' other jobs by their ids'
        ) -%}
    {%- endif -%}
    {%- set looked_at = vanished_jobs(versions) -%}
    {%- if looked_at.gone >= 50 and looked_at.gone * 2 > looked_at.total -%}
        {%- do reasons.append(looked_at.gone ~ ' of the ' ~ looked_at.total ~ ' jobs that a run looks at again are gone') -%}
    {%- endif -%}
    {%- if reasons -%}
        {{ exceptions.raise_compiler_error(
            'This is not the source that the statistics were built from: ' ~ reasons | join('; ')
            ~ ". Nothing was changed. To take it all the same: autostats run --accept-source, or dbt build --full-refresh --vars '{accept_source: true}'."
        ) }}
    {%- endif -%}
{% endmacro %}

{#- Of the ten oldest jobs that we know: how many the source has as they were created, and how many as different
    ones. -#}
{% macro oldest_jobs(built, versions) %}
    {%- set query -%}
        select job_id, {{ cast_as('created_at', 'varchar') }} as created_at
        from {{ versions }}
        where superseded_load is null and not is_deleted and created_at is not null
        order by job_id
        limit 10
    {%- endset -%}
    {%- set known = {} -%}
    {%- for row in run_query(query).rows -%}
        {%- do known.update({row[0] | int: row[1]}) -%}
    {%- endfor -%}
    {%- set found = namespace(same=0, others=0) -%}
    {%- if known -%}
        {%- set created = source_time('created', source_types('reduction_viewer_reductionrun').created, built.source_timezone) -%}
        {%- set query -%}
            select {{ source_key('id') }} as job_id, {{ cast_as(created, 'varchar') }} as created_at
            from {{ source('autoreduction', 'reduction_viewer_reductionrun') }}
            where {{ source_key('id') }} in ({{ known | join(', ') }})
        {%- endset -%}
        {%- for row in run_query(query).rows -%}
            {%- if row[1] == known[row[0] | int] -%}
                {%- set found.same = found.same + 1 -%}
            {%- else -%}
                {%- set found.others = found.others + 1 -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return({'total': known | length, 'same': found.same, 'others': found.others}) }}
{% endmacro %}

{#- How many jobs a run looks at again, and how many of them the source no longer has. -#}
{% macro vanished_jobs(versions) %}
    {%- set reach = known_reach(versions) -%}
    {%- set query -%}
        select count(*), count(*) - count(now.job_id)
        from (
            select job_id from {{ versions }}
            where superseded_load is null and not is_deleted and ({{ reach_conditions(reach) | join(' or ') }})
        ) as known
        left join (
            {% for condition in reach_conditions(reach, source_key('id')) -%}
            select {{ source_key('id') }} as job_id
            from {{ source('autoreduction', 'reduction_viewer_reductionrun') }}
            where {{ condition }}
            {%- if not loop.last %}
            union all
            {% endif -%}
            {%- endfor %}
        ) as now on known.job_id = now.job_id
    {%- endset -%}
    {%- set row = run_query(query).rows[0] -%}
    {{ return({'total': row[0] | int, 'gone': row[1] | int}) }}
{% endmacro %}

{#- Which source this is: {kind, database, server}; the server's own id is none if it has none. -#}
{% macro source_identity() %}
    {%- set row = run_query(source_identity_query()).rows[0] -%}
    {{ return({'kind': row[0], 'database': row[1], 'server': row[2]}) }}
{% endmacro %}

{% macro source_identity_query() -%}
    {{ adapter.dispatch('source_identity_query', 'autostats')() }}
{%- endmacro %}

{% macro duckdb__source_identity_query() -%}
    select kind, database_name, server_id from autoreduction.main.attached_source
{%- endmacro %}

{% macro postgres__source_identity_query() -%}
    {%- set tells = query_value("select has_function_privilege('pg_control_system()', 'execute')") -%}
    select
        'postgresql',
        current_database() || '.{{ source('autoreduction', 'reduction_viewer_reductionrun').schema }}',
        {{ '(select cast(system_identifier as varchar) from pg_control_system())' if tells else 'null' }}
{%- endmacro %}

{% macro mysql__source_identity_query() -%}
    select
        'mysql',
        '{{ source('autoreduction', 'reduction_viewer_reductionrun').schema }}',
        {{ by_server(mariadb='@@server_uid', mysql='@@server_uuid') }}
{%- endmacro %}


{#-
    At the end: which data tests failed. They block nothing, because a table with a row that should not be there is more
    useful than none; dim_settings distinguishes "built" from "all tests passed", and the command fails.
-#}
{% macro record_tests(results) %}
    {%- if not execute or flags.WHICH not in ('build', 'test') -%}
        {{ return('') }}
    {%- endif -%}
    {%- set failed = [] -%}
    {%- set failed_here = [] -%}
    {%- set passed = [] -%}
    {%- set broken = [] -%}
    {%- set built = [] -%}
    {%- for result in results -%}
        {%- set status = result.status | string -%}
        {%- set is_here = result.node.package_name == 'autostats' -%}
        {%- if result.node.resource_type != 'test' -%}
            {%- do (broken if status in ('error', 'fail', 'skipped', 'partial success') else built).append(result.node.name) -%}
        {%- elif 'advice' not in result.node.tags -%}
            {%- do (passed if status == 'pass' else failed).append(result.node.name) -%}
            {%- do failed_here.append(result.node.name) if status != 'pass' and is_here -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set stamp = adapter.get_relation(target.database, target.schema, 'dim_settings') -%}
    {%- if stamp and flags.WHICH == 'build' and (failed_here or (passed and 'dim_settings' in built)) -%}
        {%- do stamp_tests(stamp, 'false' if failed_here else 'true') -%}
    {%- endif -%}
    {#- A run with broken nodes fails by itself, and an error in this hook would hide its results. -#}
    {%- if failed and not broken -%}
        {{ exceptions.raise_compiler_error(failed | length ~ ' data tests failed: ' ~ failed | join(', ') ~ '. The statistics are built and can be used.') }}
    {%- endif -%}
    {{ return('') }}
{% endmacro %}

{#- With an insert and a delete: an account that builds tables this way needs no UPDATE right. -#}
{% macro stamp_tests(stamp, passed) %}
    {%- set columns = adapter.get_columns_in_relation(stamp) | map(attribute='name') | list -%}
    {%- set outdated = '(has_passed_tests is null or has_passed_tests <> ' ~ passed ~ ')' -%}
    {%- set stamped = columns | join(', ') | replace('has_passed_tests', passed) -%}
    {%- call statement('stamp_tests') -%}
        insert into {{ stamp }} ({{ columns | join(', ') }})
        select {{ stamped }} from {{ stamp }}
        where {{ outdated }}
    {%- endcall -%}
    {%- call statement('take_the_old_stamp_away') -%}
        delete from {{ stamp }} where {{ outdated }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
{% endmacro %}
