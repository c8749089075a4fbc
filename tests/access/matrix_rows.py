"""Who may do what, a line for each operation, as the contract says."""

TABLE = """
operation             thing         scope                who
is_live               nothing       -                    open
is_ready              nothing       -                    open
read_metrics          nothing       -                    open

create_hub            nothing       -                    operator
list_hubs             nothing       -                    known
get_hub               hub           -                    known
change_hub            hub           keys:manage          hub
create_school         hub           people:write         hub
list_schools          hub           people:read          hub school self
get_school            school        people:read          hub school self
change_school         school        people:write         hub
delete_school         school        people:write         hub
create_teacher        hub           people:write         hub school
list_teachers         hub           people:read          hub school self
get_teacher           person        people:read          hub school self
change_teacher        person        people:write         hub school self
get_personal_data     person        people:read          hub self          (403 for what is seen)
erase_teacher         person        people:write         hub self          (403 for what is seen)
list_audit            hub           keys:manage          hub

create_event          hub           events:write         hub
list_events           hub           events:read          public
get_event             event         events:read          public
get_programme         event         events:read          public
get_marketplace       event         events:read          public
follow_marketplace    event         events:read          public
list_tables           event         events:read          public
get_table             event         events:read          public
list_presentations    event         events:read          public
get_catering          event         events:read          hub               (403 for what is seen)
copy_event            event         events:write         hub
change_event          event         events:write         hub
change_table          event         events:write         hub
place_presentation    event         events:write         hub
free_table            evening       events:write         hub
publish_event         evening       events:write         hub
close_event           evening       events:write         hub
reopen_event          evening       events:write         hub
complete_event        evening       events:write         hub
cancel_event          evening       events:write         hub
archive_event         evening       events:write         hub
delete_event          evening       events:write         hub

propose_presentation  event         events:write         hub self
get_presentation      presentation  events:read          public
change_presentation   presentation  events:write         hub self
withdraw_presentation presentation  events:write         hub self
accept_presentation   presentation  events:write         hub
decline_presentation  presentation  events:write         hub
list_guests           presentation  registrations:read   hub self          (403 for what is seen)

register              event         registrations:write  hub school self
register_batch        event         registrations:write  hub school self
list_registrations    event         registrations:read   hub school self
get_registration      registration  registrations:read   hub school self
change_registration   registration  registrations:write  hub school self
cancel_registration   registration  registrations:write  hub school self
get_preferences       registration  registrations:read   hub school self
set_preferences       registration  registrations:write  hub school self
get_itinerary         registration  registrations:read   hub school self
set_itinerary         registration  registrations:write  hub school self
take_seat             registration  registrations:write  hub school self
leave_seat            registration  registrations:write  hub school self

check_in              evening       attendance:write     hub school
check_in_batch        evening       attendance:write     hub school
get_check_in          registration  registrations:read   hub school self
undo_check_in         registration  attendance:write     hub school
walk_in               evening       attendance:write     hub school
get_attendance        event         registrations:read   hub school self
reflect               evening       registrations:write  hub school self
list_reflections      event         registrations:read   hub school self

start_allocation      event         allocations:run      hub
list_allocations      event         allocations:run      hub
get_allocation        allocation    allocations:run      hub
apply_allocation      allocation    allocations:run      hub
cancel_allocation     allocation    allocations:run      hub
list_planned_itineraries allocation allocations:run      hub
list_changes          allocation    allocations:run      hub
compare_allocations   allocation    allocations:run      hub
explain_allocation    allocation    allocations:run      hub
draw_satisfaction     allocation    allocations:run      hub
draw_heat_map         allocation    allocations:run      hub

create_api_key        hub           keys:manage          hub
list_api_keys         hub           keys:manage          hub
get_api_key           key           keys:manage          hub
revoke_api_key        key           keys:manage          hub
rotate_api_key        key           keys:manage          hub
get_me                nothing       -                    known
get_access_token      nothing       -                    open

ask_for_sign_in_link  hub           -                    anyone
sign_in               nothing       -                    anyone
list_sessions         nothing       -                    signed-in
get_current_session   nothing       -                    signed-in
sign_out              nothing       -                    signed-in
get_session           session       keys:manage          hub self          (403 for what is seen)
end_session           session       keys:manage          hub self          (403 for what is seen)
list_teacher_sessions session       keys:manage          hub self          (403 for what is seen)
end_teacher_sessions  session       keys:manage          hub self          (403 for what is seen)
link_identity         nothing       -                    signed-in
list_identities       nothing       -                    signed-in
get_identity          identity      -                    signed-in
unlink_identity       identity      -                    signed-in

list_roster_orgs      nothing       people:read          hub school
get_roster_org        school        people:read          hub school
list_roster_schools   nothing       people:read          hub school
get_roster_school     school        people:read          hub school
list_roster_teachers_of_school school people:read        hub school
list_roster_users     nothing       people:read          hub school
get_roster_user       person        people:read          hub school
list_roster_teachers  nothing       people:read          hub school
get_roster_teacher    person        people:read          hub school

list_cpd_records      hub           cpd:read             hub school self

get_hub_calendar      hub           events:read          public
get_itinerary_calendar registration registrations:read   hub school self
get_calendar          feed          -                    anyone
create_calendar_feed  hub           registrations:write  hub school self
list_calendar_feeds   hub           registrations:write  hub school self
get_calendar_feed     feed          registrations:write  hub school self
revoke_calendar_feed  feed          registrations:write  hub school self

list_hub_changes      hub           registrations:read   hub school
list_change_types     nothing       -                    open
create_webhook        hub           webhooks:manage      hub
list_webhooks         hub           webhooks:manage      hub
get_webhook           webhook       webhooks:manage      hub
change_webhook        webhook       webhooks:manage      hub
rotate_webhook_secret webhook       webhooks:manage      hub
ping_webhook          webhook       webhooks:manage      hub
disable_webhook       webhook       webhooks:manage      hub
enable_webhook        webhook       webhooks:manage      hub
replay_webhook        webhook       webhooks:manage      hub
list_deliveries       webhook       webhooks:manage      hub
get_delivery          delivery      webhooks:manage      hub
redeliver             delivery      webhooks:manage      hub
delete_webhook        webhook       webhooks:manage      hub

start_import          hub           mis:sync+            hub               (403 for what is seen)
get_sync              sync          mis:sync+            hub               (403 for what is seen)
apply_sync            sync          mis:sync+            hub               (403 for what is seen)
suggest_columns       hub           mis:sync             hub               (403 for what is seen)
list_staff_sources    hub           mis:sync             hub               (403 for what is seen)
list_source_schools   source        mis:sync             hub               (403 for what is seen)
set_source_schools    source        mis:sync             hub               (403 for what is seen)
list_link_proposals   hub           mis:sync             hub               (403 for what is seen)
decide_link_proposals hub           mis:sync             hub               (403 for what is seen)
list_leaving_presenters hub         mis:sync             hub               (403 for what is seen)
get_teacher_sources   person        people:read          hub school self

create_connection     hub           mis:sync             hub               (403 for what is seen)
list_connections      hub           mis:sync             hub               (403 for what is seen)
get_connection        connection    mis:sync             hub               (403 for what is seen)
change_connection     connection    mis:sync             hub               (403 for what is seen)
test_connection       connection    mis:sync             hub               (403 for what is seen)
pause_connection      connection    mis:sync             hub               (403 for what is seen)
resume_connection     connection    mis:sync             hub               (403 for what is seen)
start_sync            connection    mis:sync             hub               (403 for what is seen)
list_connection_syncs connection    mis:sync             hub               (403 for what is seen)
delete_connection     connection    mis:sync             hub               (403 for what is seen)
"""
"""`who` are those who may, each as far as they reach, given the scope:
    hub        those who reach the hub: operators, organisers, keys that are bound to no school
    school     those who reach one school: school leads, keys that are bound to one
    self       those who are signed in, for what is their own; they need no scope
    public     anyone, for what is published; those with credentials see it in their own hub
    known      anyone with credentials, for their own hub
    signed-in  those who are signed in; keys are not
    anyone     anyone, in every hub: who asks is not known yet
    open       no credentials are looked at
A thing out of reach is a 404; who may not at all gets a 403, whatever the thing, or, where the table says so, for
things that they see otherwise. `evening` is an event in the state that the operation asks for. `mis:sync+` needs the
scopes, too, of what the import does."""
