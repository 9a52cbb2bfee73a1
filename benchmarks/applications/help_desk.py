# ruff: noqa: E501
"""A database of the shape of Chatwoot's, a help desk, and statements as its ORM sends them."""

from applications.schema import Application

HELP_DESK = Application(
    name="Chatwoot",
    text="""
        accounts 200: name:text, locale:int(12), domain:text?, support_email:text?, feature_flags:int(90), status:int(2), custom_attributes:json, settings:json, created_at:time | (status)
        users 2000: name:text, email:text, uid:text, provider:word(3), pubsub_token:text, reset_password_token:text?, confirmation_token:text?, availability:int(3), type:word(2)?, created_at:time | unique (email), unique (pubsub_token), unique (reset_password_token), unique (uid, provider)
        account_users 2600: account_id>accounts, user_id>users, role:int(2), inviter_id>users?, active_at:time?, availability:int(3), custom_role_id>custom_roles?, created_at:time | (account_id), (user_id), (custom_role_id), (account_id, user_id)
        custom_roles 60: name:text, description:text?, account_id>accounts, permissions:json, created_at:time | (account_id)
        access_tokens 2200: owner_type:word(3), owner_id:int(2000), token:text, created_at:time, updated_at:time | (owner_type, owner_id), unique (token)
        platform_apps 4: name:text, created_at:time, updated_at:time
        platform_app_permissibles 120: platform_app_id>platform_apps, permissible_type:word(3), permissible_id:int(200), created_at:time | (permissible_type, permissible_id), (platform_app_id)
        installation_configs 50: name:text, serialized_value:json, locked:bool, created_at:time | unique (name, created_at), unique (name)
        inboxes 600: account_id>accounts, name:text, channel_id:int(120), channel_type:word(10), enable_auto_assignment:bool, greeting_enabled:bool, email_address:text?, working_hours_enabled:bool, portal_id>portals?, created_at:time | (account_id), (channel_id, channel_type), (portal_id)
        inbox_members 3000: user_id>users, inbox_id>inboxes, created_at:time, updated_at:time | (inbox_id), (inbox_id, user_id)
        working_hours 4200: inbox_id>inboxes, account_id>accounts, day_of_week:int(7), closed_all_day:bool, open_hour:int(12), close_hour:int(24), open_all_day:bool, created_at:time | (account_id), (inbox_id)
        channel_api 110: account_id>accounts, webhook_url:text?, identifier:text, hmac_token:text, hmac_mandatory:bool, additional_attributes:json, created_at:time | unique (hmac_token), unique (identifier)
        channel_email 130: account_id>accounts, email:text, forward_to_email:text, imap_enabled:bool, imap_login:text?, smtp_enabled:bool, provider:word(3)?, provider_config:json, created_at:time | unique (email), unique (forward_to_email)
        channel_facebook_pages 70: page_id:text, user_access_token:text, page_access_token:text, account_id>accounts, instagram_id:text?, created_at:time | unique (page_id, account_id), (page_id)
        channel_instagram 40: access_token:text, expires_at:time, account_id>accounts, instagram_id:text, created_at:time | unique (instagram_id)
        channel_line 10: account_id>accounts, line_channel_id:text, line_channel_secret:text, line_channel_token:text, created_at:time | unique (line_channel_id)
        channel_sms 12: account_id>accounts, phone_number:text, provider:word(2), provider_config:json, created_at:time | unique (phone_number)
        channel_telegram 30: bot_name:text, account_id>accounts, bot_token:text, created_at:time | unique (bot_token)
        channel_twilio_sms 40: phone_number:text?, auth_token:text, account_sid:text, account_id>accounts, medium:int(2), messaging_service_sid:text?, api_key_sid:text?, created_at:time | unique (account_sid, phone_number), unique (messaging_service_sid), unique (phone_number)
        channel_twitter_profiles 10: profile_id:text, twitter_access_token:text, twitter_access_token_secret:text, account_id>accounts, tweets_enabled:bool, created_at:time | unique (account_id, profile_id)
        channel_web_widgets 160: website_url:text, account_id>accounts, website_token:text, widget_color:word(12), welcome_title:text?, hmac_token:text, pre_chat_form_enabled:bool, continuity_via_email:bool, feature_flags:int(8), created_at:time | unique (hmac_token), unique (website_token)
        channel_whatsapp 60: account_id>accounts, phone_number:text, provider:word(2), provider_config:json, message_templates:json, message_templates_last_updated:time?, created_at:time | unique (phone_number)
        channel_voice 3: phone_number:text, provider:word(1), provider_config:json, account_id>accounts, additional_attributes:json, created_at:time | unique (phone_number), (account_id)
        telegram_bots 0: name:text, auth_key:text, account_id>accounts, created_at:time
        agent_bots 30: name:text, description:text?, outgoing_url:text, account_id>accounts?, bot_type:int(2), bot_config:json, created_at:time | (account_id)
        agent_bot_inboxes 40: inbox_id>inboxes, agent_bot_id>agent_bots, status:int(2), account_id>accounts, created_at:time
        companies 4000: name:text, domain:text?, description:text?, account_id>accounts, contacts_count:int(40), created_at:time | (account_id), (name, account_id), (domain, account_id)
        contacts 50000: name:text, email:text, phone_number:text?, account_id>accounts, additional_attributes:json, identifier:text?, custom_attributes:json, last_activity_at:time, contact_type:int(3), company_id>companies? | (account_id), unique (email, account_id), unique (identifier, account_id), (phone_number, account_id)
        contact_inboxes 55000: contact_id>contacts, inbox_id>inboxes, source_id:text, hmac_verified:bool, pubsub_token:text, created_at:time | (contact_id), unique (inbox_id, source_id), (inbox_id), unique (pubsub_token), (source_id)
        conversations 60000: account_id>accounts, inbox_id>inboxes, status:int(4), assignee_id>users, contact_id>contacts, team_id>teams?, uuid:text, additional_attributes:json, snoozed_until:time?, last_activity_at:time | (account_id), (assignee_id, account_id), (contact_id), (status, account_id), (inbox_id), unique (uuid), (team_id)
        messages 300000: content:text, account_id>accounts, inbox_id>inboxes, conversation_id>conversations, message_type:int(4), created_at:time, private:bool, source_id:text?, sender_type:word(3), sender_id:int(50000) | (account_id), (conversation_id), (created_at), (inbox_id), (source_id), (account_id, inbox_id)
        attachments 30000: file_type:int(9), external_url:text?, coordinates_lat:num?, coordinates_long:num?, message_id>messages, account_id>accounts, fallback_title:text?, extension:word(20), meta:json, created_at:time | (message_id)
        conversation_participants 15000: account_id>accounts, user_id>users, conversation_id>conversations, created_at:time | (account_id), (conversation_id), (user_id), (user_id, conversation_id)
        mentions 8000: user_id>users, conversation_id>conversations, account_id>accounts, mentioned_at:time, created_at:time | (account_id), (conversation_id), (user_id, conversation_id), (user_id)
        notes 6000: content:text, account_id>accounts, contact_id>contacts, user_id>users, created_at:time, updated_at:time | (account_id), (contact_id), (user_id)
        labels 1200: title:text, description:text?, color:word(20), show_on_sidebar:bool, account_id>accounts, created_at:time | (account_id), unique (title, account_id)
        tags 1000: name:text, taggings_count:int(300), created_at:time | unique (name)
        taggings 45000: tag_id>tags, taggable_type:word(2), taggable_id:int(50000), tagger_type:word(2)?, tagger_id:int(2000)?, context:word(2), created_at:time | (tag_id), (context), (taggable_type), (tagger_id), (tagger_id, tagger_type)
        teams 400: name:text, description:text?, allow_auto_assign:bool, account_id>accounts, created_at:time, updated_at:time | (account_id), unique (name, account_id)
        team_members 1800: team_id>teams, user_id>users, created_at:time, updated_at:time | (team_id, user_id), (team_id), (user_id)
        automation_rules 500: account_id>accounts, name:text, description:text?, event_name:word(6), conditions:json, actions:json, active:bool, created_at:time | (account_id)
        macros 600: account_id>accounts, name:text, visibility:int(2), created_by_id>users, updated_by_id>users, actions:json, created_at:time | (account_id)
        canned_responses 5000: account_id>accounts, short_code:text, content:text, created_at:time, updated_at:time
        webhooks 180: account_id>accounts, inbox_id>inboxes?, url:text, webhook_type:int(2), subscriptions:json, created_at:time | unique (account_id, url)
        integrations_hooks 90: status:int(2), inbox_id>inboxes?, account_id>accounts, app_id:word(8), hook_type:int(2), reference_id:text?, access_token:text?, settings:json, created_at:time
        dashboard_apps 40: title:text, content:json, account_id>accounts, user_id>users, created_at:time | (account_id), (user_id)
        custom_attribute_definitions 900: attribute_display_name:text, attribute_key:text(60), attribute_display_type:int(8), default_value:int(5)?, attribute_model:int(2), account_id>accounts, attribute_description:text?, attribute_values:json, created_at:time | (account_id), (attribute_key, attribute_model, account_id)
        custom_filters 800: name:text, filter_type:int(3), query:json, account_id>accounts, user_id>users, created_at:time | (account_id), (user_id)
        notifications 48000: account_id>accounts, user_id>users, notification_type:int(9), primary_actor_type:word(2), primary_actor_id>conversations, secondary_actor_type:word(3)?, secondary_actor_id:int(50000)?, read_at:time?, snoozed_until:time?, last_activity_at:time | (account_id), (user_id), (last_activity_at), (primary_actor_type, primary_actor_id), (secondary_actor_type, secondary_actor_id)
        notification_settings 2600: account_id>accounts, user_id>users, email_flags:int(32), push_flags:int(32), created_at:time | (account_id, user_id)
        notification_subscriptions 3000: user_id>users, subscription_type:int(2), subscription_attributes:json, identifier:text, created_at:time | unique (identifier), (user_id)
        reporting_events 200000: name:word(5), value:num, account_id>accounts, inbox_id>inboxes, user_id>users, conversation_id>conversations, value_in_business_hours:num, event_start_time:time, event_end_time:time, created_at:time | (account_id), (name), (conversation_id), (user_id)
        csat_survey_responses 12000: account_id>accounts, conversation_id>conversations, message_id>messages, rating:int(6), feedback_message:text?, contact_id>contacts, assigned_agent_id>users, csat_review_notes:text?, created_at:time | (account_id), (assigned_agent_id), (contact_id), (conversation_id), (message_id)
        campaigns 300: display_id:int(300), title:text, message:text, sender_id>users?, enabled:bool, account_id>accounts, inbox_id>inboxes, campaign_type:int(2), campaign_status:int(2), scheduled_at:time? | (account_id), (campaign_status), (campaign_type), (inbox_id), (scheduled_at)
        email_templates 20: name:text, body:text, account_id>accounts?, template_type:int(2), locale:int(3), created_at:time | unique (name, account_id)
        data_imports 150: data_type:word(2), status:int(4), processing_errors:text?, total_records:int(5000), processed_records:int(5000), account_id>accounts, created_at:time | (account_id)
        portals 120: account_id>accounts, name:text, slug:text, custom_domain:text?, color:word(20), homepage_link:text?, config:json, archived:bool, channel_web_widget_id>channel_web_widgets?, created_at:time | (channel_web_widget_id), unique (custom_domain), unique (slug)
        ~portals_members 200: portal_id>portals, user_id>users, created_at:time | (portal_id, user_id), (portal_id), (user_id)
        categories 900: account_id>accounts, portal_id>portals, name:text, slug:text, locale:word(8), position:int(20), parent_category_id>categories?, associated_category_id>categories?, icon:word(15)?, created_at:time | (associated_category_id), (locale, account_id), (locale), (parent_category_id), unique (slug, locale, portal_id)
        related_categories 100: category_id>categories, related_category_id>categories, created_at:time | (category_id, related_category_id), (related_category_id, category_id)
        folders 60: account_id>accounts, category_id>categories, name:text, created_at:time
        articles 9000: account_id>accounts, portal_id>portals, category_id>categories, title:text, content:text, status:int(3), views:int(2000), author_id>users, slug:text, position:int(60) | (account_id), (author_id), (portal_id), unique (slug), (status), (views)
        article_embeddings 5000: article_id>articles, term:text, embedding:json, created_at:time
        audits 30000: auditable_type:word(12), auditable_id:int(3000), associated_type:word(2), associated_id>accounts, user_id>users, action:word(4), audited_changes:json, version:int(30), request_uuid:text, created_at:time | (associated_type, associated_id), (auditable_type, auditable_id, version), (created_at), (request_uuid)
        sla_policies 40: name:text, first_response_time_threshold:num, next_response_time_threshold:num, only_during_business_hours:bool, account_id>accounts, resolution_time_threshold:num, created_at:time | (account_id)
        applied_slas 9000: account_id>accounts, sla_policy_id>sla_policies, conversation_id>conversations, sla_status:int(4), created_at:time, updated_at:time | (account_id, sla_policy_id, conversation_id), (account_id), (conversation_id), (sla_policy_id)
        sla_events 7000: applied_sla_id>applied_slas, conversation_id>conversations, account_id>accounts, sla_policy_id>sla_policies, inbox_id>inboxes, event_type:int(3), meta:json, created_at:time | (account_id), (applied_sla_id), (conversation_id), (inbox_id), (sla_policy_id)
        assignment_policies 30: account_id>accounts, name:text, assignment_order:int(2), conversation_priority:int(2), fair_distribution_limit:int(100), enabled:bool, created_at:time | (account_id), unique (account_id, name), (enabled)
        inbox_assignment_policies 30: inbox_id>inboxes, assignment_policy_id>assignment_policies, created_at:time, updated_at:time | (assignment_policy_id), (inbox_id)
        agent_capacity_policies 15: account_id>accounts, name:text, description:text?, exclusion_rules:json, created_at:time | (account_id)
        inbox_capacity_limits 40: agent_capacity_policy_id>agent_capacity_policies, inbox_id>inboxes, conversation_limit:int(50), created_at:time | (agent_capacity_policy_id, inbox_id), (agent_capacity_policy_id), (inbox_id)
        leaves 80: account_id>accounts, user_id>users, start_date:time, end_date:time, leave_type:int(5), status:int(4), approved_by_id>users?, created_at:time | (account_id, status), (account_id), (approved_by_id), (user_id)
        captain_assistants 40: name:text, account_id>accounts, description:text?, config:json, response_guidelines:json, guardrails:json, created_at:time | (account_id)
        captain_documents 1500: name:text, external_link:text, content:text?, assistant_id>captain_assistants, account_id>accounts, status:int(2), metadata:json, created_at:time | (account_id), unique (assistant_id, external_link), (assistant_id), (status)
        captain_assistant_responses 10000: question:text, answer:text, embedding:json, assistant_id>captain_assistants, documentable_type:word(2), documentable_id:int(1500), account_id>accounts, status:int(2), created_at:time | (account_id), (assistant_id), (documentable_id, documentable_type), (status)
        captain_inboxes 50: captain_assistant_id>captain_assistants, inbox_id>inboxes, created_at:time, updated_at:time | (captain_assistant_id, inbox_id), (captain_assistant_id), (inbox_id)
        captain_scenarios 60: title:text, description:text, instruction:text, tools:json, enabled:bool, assistant_id>captain_assistants, account_id>accounts, created_at:time | (account_id), (assistant_id), (assistant_id, enabled), (enabled)
        captain_custom_tools 20: account_id>accounts, slug:text, title:text, http_method:word(2), endpoint_url:text, auth_type:word(4), param_schema:json, enabled:bool, created_at:time | unique (account_id, slug), (account_id)
        copilot_threads 1200: title:text, user_id>users, account_id>accounts, assistant_id>captain_assistants, created_at:time | (account_id), (assistant_id), (user_id)
        copilot_messages 7000: copilot_thread_id>copilot_threads, account_id>accounts, message:json, message_type:int(3), created_at:time | (account_id), (copilot_thread_id)
        action_mailbox_inbound_emails 20000: status:int(5), message_id:text, message_checksum:text, created_at:time | unique (message_id, message_checksum)
        active_storage_blobs 32000: key:text, filename:text, content_type:word(15), metadata:json, service_name:word(2), byte_size:int(90000), checksum:text, created_at:time | unique (key)
        active_storage_attachments 32000: name:word(4), record_type:word(6), record_id:int(30000), blob_id>active_storage_blobs, created_at:time | (blob_id), (record_type, record_id, name, blob_id)
        active_storage_variant_records 2000: blob_id>active_storage_blobs, variation_digest:text, created_at:time | unique (blob_id, variation_digest)
        ~ar_internal_metadata 2: key:text, value:text, created_at:time, updated_at:time | unique (key)
    """,
    statements=(
        """SELECT "conversations".* FROM "conversations"
        WHERE "conversations"."uuid" = '8d321e728fd3d474eca8871753bb04cb' LIMIT 1""",
        """SELECT "messages".* FROM "messages" WHERE "messages"."conversation_id" = 1234
        AND "messages"."private" = FALSE ORDER BY "messages"."created_at" DESC LIMIT 20""",
        """SELECT "contact_inboxes".* FROM "contact_inboxes" WHERE "contact_inboxes"."inbox_id" = 6
        AND "contact_inboxes"."source_id" = 'be45627d4d2dcf6e0b79d02f2728864f' LIMIT 1""",
        """SELECT "conversations".* FROM "conversations" WHERE "conversations"."account_id" = 3
        AND "conversations"."inbox_id" IN (4, 9, 17, 31, 58, 102) AND "conversations"."status" = 0
        ORDER BY "conversations"."last_activity_at" DESC LIMIT 25 OFFSET 0""",
        """SELECT COUNT(*) FROM "conversations" WHERE "conversations"."account_id" = 5
        AND "conversations"."status" = 0 AND "conversations"."team_id" IS NULL""",
        """SELECT "conversations".* FROM "conversations" WHERE "conversations"."status" = 3
        AND "conversations"."snoozed_until" BETWEEN '2025-06-01 00:00:00' AND '2025-06-08 00:00:00'
        ORDER BY "conversations"."id" ASC LIMIT 1000""",
        """SELECT "conversations".* FROM "conversations" WHERE "conversations"."account_id" = 110
        AND (additional_attributes ->> 'source' = 's7') ORDER BY "conversations"."id" ASC LIMIT 1""",
        """SELECT "contacts".* FROM "contacts" WHERE "contacts"."account_id" = 2
        AND (name ILIKE '%a1b%' OR email ILIKE '%a1b%' OR phone_number ILIKE '%a1b%' OR identifier LIKE '%a1b%')
        ORDER BY "contacts"."last_activity_at" DESC NULLS LAST LIMIT 15 OFFSET 0""",
        """SELECT "contacts".* FROM "contacts"
        WHERE "contacts"."custom_attributes" ->> 'ref' = '751973642cd1d3b56fa7a37e71ffde50' LIMIT 1""",
        """SELECT "contacts".* FROM "contacts" WHERE "contacts"."company_id" = 3
        ORDER BY "contacts"."name" ASC LIMIT 15""",
        """SELECT "messages".* FROM "messages" WHERE "messages"."sender_type" = 'sender_type-1'
        AND "messages"."sender_id" = 77 ORDER BY "messages"."created_at" DESC LIMIT 50""",
        """SELECT COUNT(*) FROM "messages" WHERE "messages"."account_id" = 4 AND "messages"."message_type" = 1
        AND "messages"."created_at" BETWEEN '2025-05-01 00:00:00' AND '2025-05-31 23:59:59'""",
        """SELECT AVG("reporting_events"."value") AS average_value, "reporting_events"."user_id" AS user_id
        FROM "reporting_events" WHERE "reporting_events"."account_id" = 6 AND "reporting_events"."name" = 'name-2'
        AND "reporting_events"."created_at" BETWEEN '2025-03-01 00:00:00' AND '2025-03-31 23:59:59'
        GROUP BY "reporting_events"."user_id\"""",
        """SELECT COUNT(*) AS count_all, DATE_TRUNC('day', "reporting_events"."created_at")::date AS created_at_day
        FROM "reporting_events" WHERE "reporting_events"."inbox_id" = 11 AND "reporting_events"."name" = 'name-1'
        AND "reporting_events"."created_at" >= '2025-09-01 00:00:00' GROUP BY 2 ORDER BY 2""",
        """SELECT "conversations".* FROM "conversations" WHERE "conversations"."account_id" = 1
        AND EXISTS (SELECT 1 FROM "taggings" WHERE "taggings"."taggable_id" = "conversations"."id"
        AND "taggings"."taggable_type" = 'taggable_type-0' AND "taggings"."context" = 'context-0'
        AND "taggings"."tag_id" IN (SELECT "tags"."id" FROM "tags"
        WHERE "tags"."name" = '0e2bb4d743f2a009d4b84a9338c98f7c'))
        ORDER BY "conversations"."last_activity_at" DESC LIMIT 25""",
        """SELECT "tags".* FROM "tags" INNER JOIN "taggings" ON "tags"."id" = "taggings"."tag_id"
        WHERE "taggings"."taggable_id" = 812 AND "taggings"."taggable_type" = 'taggable_type-0'
        AND "taggings"."context" = 'context-0' ORDER BY "taggings"."id\"""",
        """SELECT "notifications".* FROM "notifications" WHERE "notifications"."account_id" = 2
        AND "notifications"."read_at" IS NULL AND "notifications"."snoozed_until" IS NULL
        AND "notifications"."user_id" IN (1, 12, 40, 77) ORDER BY "notifications"."last_activity_at" DESC LIMIT 15""",
        """UPDATE "notifications" SET "read_at" = '2025-12-31 10:00:00' WHERE "notifications"."user_id" = 1
        AND "notifications"."account_id" = 1 AND "notifications"."read_at" IS NULL""",
        """SELECT COUNT(*) AS count_all, "csat_survey_responses"."rating" AS rating FROM "csat_survey_responses"
        INNER JOIN "conversations" ON "conversations"."id" = "csat_survey_responses"."conversation_id"
        WHERE "csat_survey_responses"."account_id" = 2 AND "conversations"."inbox_id" BETWEEN 1 AND 200
        AND "csat_survey_responses"."created_at" BETWEEN '2025-02-01 00:00:00' AND '2025-07-31 23:59:59'
        GROUP BY "csat_survey_responses"."rating\"""",
        """SELECT "articles".* FROM "articles" INNER JOIN "categories" ON "categories"."id" = "articles"."category_id"
        INNER JOIN "portals" ON "portals"."id" = "categories"."portal_id"
        WHERE "portals"."slug" = '167dc5427cf173df21e2a75d756b1e02'
        AND "articles"."status" = 1 AND "categories"."locale" = 'locale-0'
        ORDER BY "articles"."position" ASC LIMIT 25""",
        """SELECT "audits".* FROM "audits" WHERE "audits"."user_id" = 25 AND "audits"."action" = 'action-1'
        ORDER BY "audits"."created_at" DESC LIMIT 15""",
        """SELECT "canned_responses".* FROM "canned_responses" WHERE "canned_responses"."account_id" = 8
        AND (short_code ILIKE 'a%' OR content ILIKE '%a0f%') ORDER BY "canned_responses"."short_code" ASC""",
        """SELECT "attachments".* FROM "attachments"
        INNER JOIN "messages" ON "messages"."id" = "attachments"."message_id"
        INNER JOIN "conversations" ON "conversations"."id" = "messages"."conversation_id"
        WHERE "attachments"."account_id" = 9 AND "attachments"."file_type" = 3 AND "conversations"."status" = 0
        ORDER BY "attachments"."created_at" DESC LIMIT 100""",
        """SELECT DISTINCT "users".* FROM "users" INNER JOIN "account_users" ON "account_users"."user_id" = "users"."id"
        INNER JOIN "inbox_members" ON "inbox_members"."user_id" = "users"."id"
        LEFT OUTER JOIN "team_members" ON "team_members"."user_id" = "users"."id"
        WHERE "account_users"."account_id" = 1
        AND ("inbox_members"."inbox_id" = 135 OR "team_members"."team_id" = 2)""",
        """SELECT "applied_slas".* FROM "applied_slas"
        INNER JOIN "conversations" ON "conversations"."id" = "applied_slas"."conversation_id"
        WHERE "applied_slas"."sla_status" = 3 AND "conversations"."assignee_id" IN (SELECT "team_members"."user_id"
        FROM "team_members" WHERE "team_members"."team_id" = 5)
        AND "applied_slas"."created_at" >= '2025-04-01 00:00:00' ORDER BY "applied_slas"."created_at" DESC LIMIT 25""",
    ),
)
