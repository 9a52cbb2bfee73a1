# ruff: noqa: E501
"""A database of the shape of Gitea's, a git forge, and what it is asked."""

from applications.schema import Application

FORGE = Application(
    name="Gitea",
    text="""
users 8000: lower_name:text, name:text, full_name:text(6000), email:text(7800), type:int(3), login_source>login_source?, is_active:bool, prohibit_login:bool, last_login_unix:int(30000000), created_unix:int(30000000) | unique (lower_name), unique (name), (is_active), (last_login_unix), (created_unix)
email_address 9000: uid>users, email:text, lower_email:text, is_activated:bool, is_primary:bool | (uid), unique (email), unique (lower_email)
user_open_id 600: uid>users, uri:text, show:bool | (uid), unique (uri)
user_redirect 400: lower_name:text, redirect_user_id>users, created_unix:int(30000000) | unique (lower_name)
user_setting 6000: user_id>users, setting_key:word(12), setting_value:text(40) | (user_id), (setting_key), (setting_key, user_id)
user_badge 200: badge_id>badge, user_id>users, created_unix:int(30000000) | (user_id)
user_blocking 150: blocker_id>users, blockee_id>users, note:text(20)?, created_unix:int(30000000) | (blocker_id, blockee_id), (created_unix)
badge 12: slug:text, description:text(12), image_url:text(12) | unique (slug)
external_login_user 1500: external_id:text, user_id>users, login_source_id>login_source, provider:word(4), email:text(1400), nick_name:text(1400), expires_at:int(30000000) | (user_id), (provider), (external_id, login_source_id)
login_source 6: name:text, type:int(4), is_active:bool, is_sync_enabled:bool, cfg:json, created_unix:int(30000000), updated_unix:int(30000000) | unique (name), (is_active), (is_sync_enabled), (created_unix), (updated_unix)
two_factor 1200: uid>users, secret:text, scratch_salt:text, scratch_hash:text, last_used_passcode:text(900), created_unix:int(30000000), updated_unix:int(30000000) | (uid), (created_unix), (updated_unix)
webauthn_credential 500: user_id>users, name:text(30), lower_name:text(30), credential_id:text, sign_count:int(400), clone_warning:bool, created_unix:int(30000000), updated_unix:int(30000000) | (user_id), (credential_id), (lower_name, user_id), (created_unix), (updated_unix)
~session 2000: key:text, data:json, expiry:int(30000000) | unique (key)
auth_token 1500: token_hash:text, user_id>users, expires_unix:int(30000000) | (user_id), (expires_unix)
access_token 4000: uid>users, name:text(800), token_hash:text, token_salt:text, token_last_eight:text(3900), scope:word(6), created_unix:int(30000000), updated_unix:int(30000000) | (uid), unique (token_hash), (created_unix), (updated_unix)
public_key 5000: owner_id>users, name:text(900), fingerprint:text, content:text, mode:int(3), type:int(3), login_source_id>login_source?, verified:bool, created_unix:int(30000000), updated_unix:int(30000000) | (owner_id), (fingerprint)
deploy_key 900: key_id>public_key, repo_id>repository, name:text(120), fingerprint:text, mode:int(2), created_unix:int(30000000), updated_unix:int(30000000) | (key_id, repo_id), (key_id), (repo_id)
gpg_key 700: owner_id>users, key_id:text, primary_key_id:text(500)?, content:text, can_sign:bool, verified:bool, created_unix:int(30000000), expired_unix:int(60000000) | (owner_id), (key_id)
gpg_key_import 600: key_id:text, content:text, imported_unix:int(30000000) | unique (key_id)
follow 6000: user_id>users, follow_id>users, created_unix:int(30000000) | (user_id, follow_id), (created_unix)
org_user 3000: uid>users, org_id>users, is_public:bool | (uid), (org_id), (uid, org_id), (is_public)
team 500: org_id>users, lower_name:text(60), name:text(60), description:text(200), authorize:int(5), num_repos:int(80), num_members:int(40), includes_all_repositories:bool, can_create_org_repo:bool | (org_id)
team_user 2000: org_id>users, team_id>team, uid>users | (org_id), (team_id, uid)
team_repo 2000: org_id>users, team_id>team, repo_id>repository | (org_id), (team_id, repo_id)
team_unit 1800: org_id>users, team_id>team, type:int(10), access_mode:int(4) | (org_id), (team_id, type)
team_invite 60: token:text, inviter_id>users, org_id>users, team_id>team, email:text(50), created_unix:int(30000000), updated_unix:int(30000000) | (token), (org_id), (team_id, email), (created_unix), (updated_unix)
repository 12000: owner_id>users, lower_name:text(9000), default_branch:word(5), is_private:bool, is_archived:bool, is_mirror:bool, fork_id>repository?, num_stars:int(400), created_unix:int(30000000), updated_unix:int(30000000) | (owner_id, lower_name), (owner_id), (lower_name), (is_private), (is_archived), (is_mirror), (fork_id), (created_unix), (updated_unix)
repo_redirect 500: owner_id>users, lower_name:text(480), redirect_repo_id>repository | (owner_id, lower_name), (lower_name)
repo_transfer 40: doer_id>users, recipient_id>users, repo_id>repository, team_ids:json, created_unix:int(30000000), updated_unix:int(30000000) | (created_unix), (updated_unix)
repo_unit 60000: repo_id>repository, type:int(11), config:json, created_unix:int(30000000), default_permissions:int(4) | (repo_id), (repo_id, type), (created_unix)
repo_archiver 1500: repo_id>repository, type:int(3), status:int(2), commit_id:text(1400), created_unix:int(30000000) | (repo_id), (repo_id, type, commit_id), (created_unix)
repo_indexer_status 12000: repo_id>repository, commit_sha:text(11900), indexer_type:int(2) | (repo_id, indexer_type)
repo_license 2000: repo_id>repository, commit_id:text(1900), license:word(25), created_unix:int(30000000), updated_unix:int(30000000) | (repo_id, license), (created_unix), (updated_unix)
language_stat 30000: repo_id>repository, commit_id:text(11000), is_primary:bool, language:word(60), size:int(900000), created_unix:int(30000000) | (repo_id, language), (language), (created_unix)
topic 900: name:text, repo_count:int(300), created_unix:int(30000000), updated_unix:int(30000000) | unique (name), (created_unix), (updated_unix)
repo_topic 8000: repo_id>repository, topic_id>topic, created_unix:int(30000000) | (repo_id, topic_id)
access 40000: user_id>users, repo_id>repository, mode:int(5) | (user_id, repo_id)
collaboration 6000: repo_id>repository, user_id>users, mode:int(4), created_unix:int(30000000), updated_unix:int(30000000) | (repo_id, user_id), (repo_id), (user_id), (created_unix), (updated_unix)
watch 30000: user_id>users, repo_id>repository, mode:int(4), created_unix:int(30000000), updated_unix:int(30000000) | (user_id, repo_id), (created_unix), (updated_unix)
star 20000: uid>users, repo_id>repository, created_unix:int(30000000) | (uid, repo_id), (created_unix)
mirror 800: repo_id>repository, interval_seconds:int(90000), enable_prune:bool, lfs_enabled:bool, remote_address:text, updated_unix:int(30000000), next_update_unix:int(30000000) | (repo_id), (updated_unix), (next_update_unix)
push_mirror 200: repo_id>repository, remote_name:text, remote_address:text, sync_on_commit:bool, interval_seconds:int(90000), created_unix:int(30000000), last_update:int(30000000), last_error:text(9)? | (repo_id), (last_update)
task 1500: doer_id>users, owner_id>users, repo_id>repository, type:int(3), status:int(5), start_time:int(30000000), end_time:int(30000000), payload_content:json, created:int(30000000) | (doer_id), (owner_id), (repo_id), (status)
branch 30000: repo_id>repository, name:text(6000), commit_id:text(28000), commit_message:text(20000), pusher_id>users, is_deleted:bool, deleted_by_id>users?, commit_time:int(30000000), created_unix:int(30000000), updated_unix:int(30000000) | (repo_id, name), (is_deleted), (deleted_by_id)
protected_branch 1800: repo_id>repository, branch_name:text(90), can_push:bool, enable_whitelist:bool, required_approvals:int(4), status_check_contexts:json, block_on_outdated_branch:bool, created_unix:int(30000000), updated_unix:int(30000000) | (repo_id, branch_name)
protected_tag 120: repo_id>repository, name_pattern:text(30), allowlist_user_ids:json, created_unix:int(30000000), updated_unix:int(30000000) | (repo_id)
renamed_branch 150: repo_id>repository, from_name:text(90), to_name:text(90), created_unix:int(30000000) | (repo_id)
release 10000: repo_id>repository, publisher_id>users, tag_name:text(2000), lower_tag_name:text(2000), sha1:text(9800), title:text(3000), is_draft:bool, is_prerelease:bool, is_tag:bool, created_unix:int(30000000) | (repo_id), (repo_id, tag_name), (publisher_id), (created_unix)
issue 50000: repo_id>repository, index:int(3000), poster_id>users, name:text(48000), milestone_id>milestone?, is_closed:bool, is_pull:bool, num_comments:int(120), created_unix:int(30000000), updated_unix:int(30000000) | (repo_id, index), (repo_id), (poster_id), (milestone_id), (is_closed), (is_pull), (created_unix), (updated_unix)
issue_index 9000: group_id>repository, max_index:int(3000), touched_unix:int(30000000) | (group_id), (max_index)
issue_user 100000: uid>users, issue_id>issue, is_read:bool, is_mentioned:bool | (uid), (issue_id)
issue_label 60000: issue_id>issue, label_id>label, source:int(3) | (issue_id, label_id)
issue_assignees 20000: assignee_id>users, issue_id>issue, source:int(3) | (assignee_id), (issue_id)
issue_watch 8000: user_id>users, issue_id>issue, is_watching:bool, created_unix:int(30000000), updated_unix:int(30000000) | (user_id, issue_id), (created_unix), (updated_unix)
issue_dependency 1200: user_id>users, issue_id>issue, dependency_id>issue, created_unix:int(30000000), updated_unix:int(30000000) | (issue_id, dependency_id)
issue_content_history 20000: poster_id>users, issue_id>issue, comment_id>comment?, edited_unix:int(30000000), content_text:text, is_first_created:bool, is_deleted:bool | (issue_id), (comment_id), (edited_unix)
issue_pin 200: repo_id>repository, issue_id>issue, is_pull:bool, pin_order:int(5) | (repo_id), (issue_id)
label 2000: repo_id>repository, org_id>users?, name:text(300), exclusive:bool, description:text(200)?, color:word(20), num_issues:int(300), num_closed_issues:int(200), created_unix:int(30000000), updated_unix:int(30000000) | (repo_id), (org_id), (created_unix), (updated_unix)
milestone 2000: repo_id>repository, name:text(700), is_closed:bool, num_issues:int(150), num_closed_issues:int(120), completeness:int(101), deadline_unix:int(60000000), closed_date_unix:int(30000000)?, created_unix:int(30000000), updated_unix:int(30000000) | (repo_id), (created_unix), (updated_unix)
comment 200000: type:int(38), poster_id>users, issue_id>issue, review_id>review?, label_id>label?, ref_repo_id>repository?, commit_sha:text(9000)?, content:text(150000), created_unix:int(30000000), updated_unix:int(30000000) | (type), (poster_id), (issue_id), (review_id), (ref_repo_id), (created_unix), (updated_unix)
reaction 30000: type:word(8), issue_id>issue, comment_id>comment?, user_id>users, original_author:text(50)?, created_unix:int(30000000) | (type), (issue_id), (comment_id), (user_id), (created_unix)
attachment 20000: uuid:text, repo_id>repository, issue_id>issue?, release_id>release?, uploader_id>users, comment_id>comment?, name:text(15000), download_count:int(900), size:int(8000000), created_unix:int(30000000) | unique (uuid), (repo_id), (issue_id), (release_id), (uploader_id), (comment_id)
pull_request 15000: type:int(2), status:int(6), issue_id>issue, index:int(3000), head_repo_id>repository, base_repo_id>repository, head_branch:text(5000), base_branch:text(40), has_merged:bool, merged_unix:int(30000000) | (issue_id), (index), (head_repo_id), (base_repo_id), (has_merged), (merged_unix)
pull_auto_merge 60: pull_id>pull_request, doer_id>users, merge_style:word(5), created_unix:int(30000000) | (pull_id), (doer_id)
review 40000: type:int(6), reviewer_id>users, reviewer_team_id>team?, issue_id>issue, content:text(30000), official:bool, commit_id:text(20000), dismissed:bool, created_unix:int(30000000), updated_unix:int(30000000) | (reviewer_id), (issue_id), (created_unix), (updated_unix)
review_state 9000: user_id>users, pull_id>pull_request, commit_sha:text(8500), updated_files:json, updated_unix:int(30000000) | (pull_id), (user_id, pull_id, commit_sha)
tracked_time 10000: issue_id>issue, user_id>users, created_unix:int(30000000), time:int(36000), deleted:bool | (issue_id), (user_id)
stopwatch 150: issue_id>issue, user_id>users, created_unix:int(30000000) | (issue_id), (user_id)
project 600: title:text(500), description:text(400), owner_id>users?, repo_id>repository, creator_id>users, is_closed:bool, board_type:int(3), type:int(3), created_unix:int(30000000), updated_unix:int(30000000) | (title), (owner_id), (repo_id), (is_closed), (created_unix), (updated_unix)
project_board 2000: title:text(90), is_default:bool, sorting:int(9), color:word(9), project_id>project, creator_id>users, created_unix:int(30000000), updated_unix:int(30000000) | (project_id), (created_unix), (updated_unix)
project_issue 6000: issue_id>issue, project_id>project, project_board_id>project_board, sorting:int(60) | (issue_id), (project_id), (project_board_id)
notification 60000: user_id>users, repo_id>repository, status:int(3), source:int(4), issue_id>issue, commit_id:text(20000)?, comment_id>comment?, updated_by>users, created_unix:int(30000000), updated_unix:int(30000000) | (user_id), (repo_id), (status), (source), (issue_id), (commit_id), (updated_by), (created_unix), (updated_unix)
action 300000: user_id>users, op_type:int(27), act_user_id>users, repo_id>repository, comment_id>comment?, is_deleted:bool, ref_name:text(4000), is_private:bool, content:text(80000)?, created_unix:int(30000000) | (user_id), (act_user_id), (repo_id), (comment_id), (is_deleted), (is_private), (created_unix)
commit_status 150000: index:int(40), repo_id>repository, state:word(5), sha:text(30000), target_url:text(100000), description:text(60), context_hash:text(60), context:word(60), created_unix:int(30000000), updated_unix:int(30000000) | (index), (repo_id), (sha), (context_hash), (created_unix), (updated_unix)
commit_status_index 20000: repo_id>repository, sha:text(19000), max_index:int(40) | (repo_id, sha), (max_index)
commit_status_summary 20000: repo_id>repository, sha:text(19000), state:word(5), target_url:text(18000) | (repo_id), (sha), (repo_id, sha)
webhook 900: repo_id>repository, owner_id>users?, is_system_webhook:bool, url:text(700), http_method:word(2), content_type:int(2), type:word(11), is_active:bool, created_unix:int(30000000), updated_unix:int(30000000) | (repo_id), (owner_id), (is_active), (created_unix), (updated_unix)
hook_task 100000: hook_id>webhook, uuid:text, event_type:word(22), is_delivered:bool, delivered:int(30000000), is_succeed:bool, payload_version:int(2), request_content:text, response_content:text(400) | (hook_id), unique (uuid)
action_run 20000: title:text(15000), repo_id>repository, owner_id>users, workflow_id:word(30), index:int(2000), trigger_user_id>users, ref:text(900), status:int(8), created:int(30000000), updated:int(30000000) | (repo_id, index), (owner_id), (workflow_id), (trigger_user_id), (ref), (status)
action_run_index 1500: group_id>repository, max_index:int(2000), touched_unix:int(30000000) | (max_index)
action_run_job 40000: run_id>action_run, repo_id>repository, owner_id>users, name:word(40), attempt:int(4), runs_on:word(6), task_id>action_task?, status:int(8), started:int(30000000), updated:int(30000000) | (run_id), (repo_id), (owner_id), (status), (updated)
action_task 40000: job_id>action_run_job, attempt:int(4), runner_id>action_runner, status:int(8), repo_id>repository, commit_sha:text(30000), token_hash:text, log_expired:bool, stopped:int(30000000), updated:int(30000000) | (runner_id), (status), (repo_id), unique (token_hash), (updated)
action_task_step 150000: name:word(90), task_id>action_task, index:int(14), repo_id>repository, status:int(8), log_index:int(4000), log_length:int(900), started:int(30000000), stopped:int(30000000) | (task_id, index), (task_id), (index), (repo_id), (status)
action_task_output 5000: task_id>action_task, output_key:word(20), output_value:text(900) | (task_id), (task_id, output_key)
action_artifact 12000: run_id>action_run, runner_id>action_runner, repo_id>repository, artifact_name:word(30), artifact_path:text(4000), file_size:int(9000000), status:int(5), created_unix:int(30000000), updated_unix:int(30000000), expired_unix:int(60000000) | (run_id, artifact_path, artifact_name), (repo_id), (status), (updated_unix), (expired_unix)
action_runner 40: uuid:text, name:text(40), owner_id>users?, repo_id>repository?, token_hash:text, last_online:int(30000000), last_active:int(30000000), agent_labels:json, deleted:int(30000000)? | unique (uuid), (owner_id), (repo_id), unique (token_hash), (last_online), (last_active)
action_runner_token 80: token:text, owner_id>users?, repo_id>repository?, is_active:bool, created:int(30000000), updated:int(30000000), deleted:int(30000000)? | unique (token), (owner_id), (repo_id)
action_schedule 120: title:text(90), repo_id>repository, owner_id>users, workflow_id:word(30), trigger_user_id>users, ref:text(9), event:word(2), content:text, created:int(30000000) | (repo_id), (owner_id)
action_schedule_spec 150: repo_id>repository, schedule_id>action_schedule, next:int(30000000), prev:int(30000000), spec:word(25), created:int(30000000) | (repo_id), (schedule_id), (next)
action_variable 400: owner_id>users, repo_id>repository?, name:text(90), data:text, description:text(20)?, created_unix:int(30000000), updated_unix:int(30000000) | (owner_id), (repo_id), (owner_id, repo_id, name)
secret 500: owner_id>users, repo_id>repository?, name:text(90), data:text, created_unix:int(30000000) | (owner_id), (repo_id), (owner_id, repo_id, name)
package 1800: owner_id>users, repo_id>repository?, type:word(22), name:text(1600), lower_name:text(1600), semver_compatible:bool, is_internal:bool | (owner_id, type, lower_name), (owner_id), (repo_id), (type), (lower_name)
package_version 10000: package_id>package, creator_id>users, version:text(900), lower_version:text(900), created_unix:int(30000000), is_internal:bool, metadata_json:json, download_count:int(5000) | (package_id, lower_version), (package_id), (lower_version), (created_unix), (is_internal)
package_file 20000: version_id>package_version, blob_id>package_blob, name:text(9000), lower_name:text(9000), composite_key:text(40)?, is_lead:bool, created_unix:int(30000000) | (version_id, lower_name, composite_key), (version_id), (blob_id), (created_unix)
package_blob 18000: size:int(90000000), hash_md5:text, hash_sha1:text, hash_sha256:text, created_unix:int(30000000) | unique (hash_md5), unique (hash_sha1), unique (hash_sha256), (created_unix)
package_blob_upload 30: bytes_received:int(9000000), hash_state_bytes:text, created_unix:int(30000000), updated_unix:int(30000000) | (updated_unix)
package_property 30000: ref_type:int(3), ref_id>package_version, name:word(25), value:text(8000) | (ref_type), (ref_id), (name)
package_cleanup_rule 25: owner_id>users, type:word(22), enabled:bool, keep_count:int(20), keep_pattern:text(6)?, remove_days:int(90), remove_pattern:text(6)?, created_unix:int(30000000), updated_unix:int(30000000) | (owner_id), (owner_id, type), (enabled), (created_unix), (updated_unix)
lfs_meta_object 15000: oid:text(13000), size:int(90000000), repository_id>repository, created_unix:int(30000000), updated_unix:int(30000000) | (oid, repository_id), (oid), (repository_id), (created_unix), (updated_unix)
lfs_lock 200: repo_id>repository, owner_id>users, path:text(180), created:int(30000000) | (repo_id), (owner_id)
oauth2_application 60: uid>users, name:text(50), client_id:text, client_secret:text, confidential_client:bool, redirect_uris:json, created_unix:int(30000000), updated_unix:int(30000000) | (uid), unique (client_id), (created_unix), (updated_unix)
oauth2_grant 1500: user_id>users, application_id>oauth2_application, counter:int(200), scope:word(6), nonce:text(1200)?, created_unix:int(30000000), updated_unix:int(30000000) | (user_id), (application_id), (user_id, application_id)
oauth2_authorization_code 80: grant_id>oauth2_grant, code:text, code_challenge:text, code_challenge_method:word(2), redirect_uri:text(40), valid_until:int(30000000) | unique (code), (valid_until)
notice 1500: type:int(3), description:text(900), created_unix:int(30000000) | (created_unix)
app_state 10: revision:int(900), content:json, state_name:text | unique (state_name)
system_setting 50: setting_key:text, setting_value:text(20), version:int(9), created:int(30000000), updated:int(30000000) | unique (setting_key)
upload 90: uuid:text, name:text(80), created_by>users | unique (uuid)
dbfs_meta 300: full_path:text, block_size:int(5), file_size:int(900000), create_timestamp:int(30000000), modify_timestamp:int(30000000) | unique (full_path)
dbfs_data 2000: revision:int(90), meta_id>dbfs_meta, blob_offset:int(900000), blob_size:int(32768) | (meta_id, blob_offset)
~version 1: version:int(330), app:word(2), touched_unix:int(30000000)
""",
    statements=(
        "SELECT id, lower_name, name, full_name, email, type, is_active, prohibit_login, last_login_unix FROM users"
        " WHERE lower_name = '0e4c882ec55b920b1010f7c53ec4467d' LIMIT 1",
        "SELECT id, name, full_name, type FROM users WHERE lower(email) = '25e8f7a5e0e91ec88bfdb2e61c23bfa0'"
        " AND type < 3 AND prohibit_login = false LIMIT 1",
        "SELECT DISTINCT id, updated_unix FROM issue WHERE repo_id IN (2, 5, 11) AND (upper(name) LIKE '%3FA%'"
        " OR id IN (SELECT issue_id FROM comment WHERE comment.type = 0 AND upper(comment.content) LIKE '%3FA%'))"
        " ORDER BY updated_unix DESC, id DESC LIMIT 50",
        "SELECT id, uid, name, token_hash, token_salt, scope FROM access_token"
        " WHERE token_last_eight = '3e139a509422a44bbf83961012d8090f'",
        "SELECT id, uuid, repo_id, issue_id, release_id, name, size FROM attachment"
        " WHERE uuid = 'd53196fd10a4d3b8c60e4f98f71d91c1' LIMIT 1",
        "SELECT id, user_id, op_type, act_user_id, repo_id, comment_id, ref_name, is_private, content, created_unix"
        " FROM action WHERE user_id = 9 AND is_deleted = false ORDER BY created_unix DESC LIMIT 20",
        "SELECT id, user_id, op_type, act_user_id, repo_id, ref_name, content, created_unix FROM action"
        " WHERE act_user_id = 6 AND is_private = false AND is_deleted = false AND op_type IN (1, 5, 6, 7, 11, 18)"
        " AND repo_id IN (SELECT id FROM repository WHERE is_private = false) ORDER BY created_unix DESC LIMIT 20",
        "SELECT created_unix / 900 * 900 AS timestamp, count(user_id) AS contributions FROM action"
        " WHERE act_user_id = 3 AND created_unix > 12000000"
        " GROUP BY timestamp ORDER BY timestamp",
        "SELECT id, repo_id, index, poster_id, name, milestone_id, num_comments, created_unix FROM issue"
        " WHERE repo_id IN (3, 4, 8, 15, 27) AND is_closed = false AND is_pull = false"
        " ORDER BY created_unix DESC LIMIT 20",
        "SELECT count(*) FROM issue INNER JOIN issue_assignees ON issue.id = issue_assignees.issue_id"
        " INNER JOIN repository ON issue.repo_id = repository.id WHERE issue_assignees.assignee_id = 2"
        " AND issue.is_closed = false AND issue.is_pull = false AND repository.is_archived = false",
        "SELECT issue.id, issue.repo_id, issue.index, issue.name, issue.updated_unix, repository.lower_name"
        " FROM issue INNER JOIN issue_label ON issue_label.issue_id = issue.id"
        " INNER JOIN repository ON repository.id = issue.repo_id"
        " WHERE issue_label.label_id = 640 AND issue.is_closed = false ORDER BY issue.updated_unix DESC LIMIT 20",
        "SELECT comment.id, comment.type, comment.content, comment.created_unix, users.name FROM comment"
        " LEFT JOIN users ON users.id = comment.poster_id WHERE comment.issue_id = 21"
        " AND comment.type IN (0, 21, 22, 27) ORDER BY comment.created_unix, comment.id",
        "SELECT id, issue_id, poster_id, type FROM comment"
        " WHERE commit_sha = 'daef609c5c3b0bc6b3e5f9b74dcbc742' AND type = 4",
        "SELECT max(id) AS id, context_hash FROM commit_status WHERE repo_id = 5"
        " AND sha = '0ff9653ee33be170692bf31ef4762049' GROUP BY context_hash ORDER BY max(id) DESC",
        "SELECT context FROM commit_status WHERE repo_id = 2 AND updated_unix >= 20000000"
        " GROUP BY context ORDER BY context",
        "SELECT id, name, task_id, index, status, log_index, log_length, started, stopped FROM action_task_step"
        " WHERE task_id = 1500 ORDER BY index",
        "SELECT action_run_job.id, action_run_job.run_id, action_run_job.runs_on, action_run_job.attempt"
        " FROM action_run_job INNER JOIN repository ON repository.id = action_run_job.repo_id"
        " WHERE action_run_job.task_id IS NULL AND action_run_job.status = 5 AND repository.owner_id IN (1, 7, 19)"
        " AND EXISTS (SELECT 1 FROM repo_unit WHERE repo_unit.repo_id = repository.id AND repo_unit.type = 10)"
        " ORDER BY action_run_job.updated, action_run_job.id LIMIT 10",
        "SELECT id, job_id, runner_id, status, repo_id, updated FROM action_task"
        " WHERE log_expired = false AND stopped > 0 AND stopped < 1500 ORDER BY stopped LIMIT 100",
        "SELECT status, count(*) AS count FROM notification WHERE user_id IN (4, 5) AND status IN (1, 2)"
        " AND updated_unix >= 5000000 GROUP BY status",
        "UPDATE issue_user SET is_read = true WHERE uid = 14 AND issue_id = 31",
        "SELECT id, uuid, event_type, delivered, is_succeed FROM hook_task"
        " WHERE is_delivered = true AND delivered < 20000 ORDER BY delivered LIMIT 100",
        "SELECT pull_request.id, pull_request.issue_id, pull_request.base_repo_id, pull_request.base_branch"
        " FROM pull_request INNER JOIN issue ON issue.id = pull_request.issue_id"
        " WHERE pull_request.head_branch = '3598834752a90b0796ba1e48506f255d' AND pull_request.has_merged = false"
        " AND issue.is_closed = false",
        "SELECT id, repo_id, name, commit_id, commit_time FROM branch WHERE pusher_id = 10 AND is_deleted = false"
        " AND commit_time >= 20000000 ORDER BY commit_time DESC LIMIT 5",
        "SELECT repository.id, repository.owner_id, repository.lower_name, repository.num_stars FROM repository"
        " WHERE repository.is_archived = false AND (repository.is_private = false OR repository.id IN"
        " (SELECT repo_id FROM access WHERE user_id = 8 AND mode >= 1)) AND repository.id IN"
        " (SELECT repo_topic.repo_id FROM repo_topic INNER JOIN topic ON topic.id = repo_topic.topic_id"
        " WHERE topic.name LIKE '%ab4%') ORDER BY repository.num_stars DESC, repository.id LIMIT 20",
        "SELECT package.id, package.name, package_version.version, package_version.created_unix FROM package_version"
        " INNER JOIN package ON package.id = package_version.package_id LEFT JOIN package_version pv2"
        " ON pv2.package_id = package_version.package_id AND pv2.is_internal = false"
        " AND package_version.created_unix < pv2.created_unix WHERE pv2.id IS NULL AND package.type = 'type-6'"
        " AND package_version.is_internal = false AND EXISTS (SELECT 1 FROM package_property"
        " WHERE package_property.ref_type = 0 AND package_property.ref_id = package_version.id"
        " AND package_property.name = 'name-3') ORDER BY package_version.created_unix DESC LIMIT 20",
    ),
)
