"""first_tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_head'))
    )
    op.create_table('organisation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('kind', sa.Enum('programme', 'partnership', 'council', 'group', name='kind', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('is_fictional', sa.Boolean(), nullable=False),
    sa.Column('legal_form', sa.String(length=60), nullable=True),
    sa.Column('charity_number', sa.String(length=20), nullable=True),
    sa.Column('company_number', sa.String(length=20), nullable=True),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('postcode', sa.String(length=10), nullable=True),
    sa.Column('email', sa.String(length=320), nullable=True),
    sa.Column('phone', sa.String(length=40), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organisation')),
    sa.UniqueConstraint('key', name=op.f('uq_organisation_key')),
    sa.UniqueConstraint('reference', name=op.f('uq_organisation_reference'))
    )
    with op.batch_alter_table('organisation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_organisation_name'), ['name'], unique=False)

    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('email', sa.String(length=320), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('totp_secret', sa.String(length=64), nullable=True),
    sa.Column('totp_last_step', sa.Integer(), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('email', name=op.f('uq_person_email')),
    sa.UniqueConstraint('key', name=op.f('uq_person_key'))
    )
    op.create_table('sign_in_attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_attempt'))
    )
    with op.batch_alter_table('sign_in_attempt', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_attempt_kind_subject_at', ['kind', 'subject', 'at'], unique=False)

    op.create_table('audit_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('person_name', sa.String(length=300), nullable=False),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('thing_type', sa.String(length=60), nullable=False),
    sa.Column('thing_id', sa.Integer(), nullable=True),
    sa.Column('reference', sa.String(length=120), nullable=False),
    sa.Column('before', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('after', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_audit_entry_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entry')),
    sa.UniqueConstraint('hash', name=op.f('uq_audit_entry_hash'))
    )
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_entry_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_audit_entry_person_id'), ['person_id'], unique=False)
        batch_op.create_index('ix_audit_entry_thing_type_thing_id', ['thing_type', 'thing_id'], unique=False)

    op.create_table('delegation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('applicant-editor', 'applicant-submitter', 'signatory', 'project-reporter', 'partnership-officer', 'assessor', 'fund-manager', 'approver', 'finance', 'evaluator', 'auditor', 'administrator', name='role', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('fund', sa.String(length=60), nullable=False),
    sa.Column('financial_year', sa.String(length=60), nullable=False),
    sa.Column('most_per_award', sa.BigInteger(), nullable=False),
    sa.Column('most_in_all', sa.BigInteger(), nullable=False),
    sa.Column('used', sa.BigInteger(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('granted_by', sa.Integer(), nullable=True),
    sa.CheckConstraint('most_per_award > 0', name=op.f('ck_delegation_most_per_award_positive')),
    sa.CheckConstraint('used >= 0 AND used <= most_in_all', name=op.f('ck_delegation_used_within_all')),
    sa.ForeignKeyConstraint(['granted_by'], ['person.id'], name=op.f('fk_delegation_granted_by_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_delegation_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_delegation'))
    )
    with op.batch_alter_table('delegation', schema=None) as batch_op:
        batch_op.create_index('ix_delegation_person_id_fund', ['person_id', 'fund', 'financial_year'], unique=False)

    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('payload', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('state', sa.Enum('queued', 'running', 'done', 'failed', name='state', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=True),
    sa.Column('leased_by', sa.String(length=80), nullable=True),
    sa.Column('leased_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('done', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fault', sa.Text(), nullable=False),
    sa.Column('result', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True),
    sa.CheckConstraint("(state = 'running') = (leased_until IS NOT NULL)", name=op.f('ck_job_lease_when_running')),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_job_asked_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job')),
    sa.UniqueConstraint('key', name=op.f('uq_job_key'))
    )
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_job_asked_by'), ['asked_by'], unique=False)
        batch_op.create_index('ix_job_state_leased_until', ['state', 'leased_until'], unique=False)

    op.create_table('membership',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('fund', sa.String(length=60), nullable=True),
    sa.Column('role', sa.Enum('applicant-editor', 'applicant-submitter', 'signatory', 'project-reporter', 'partnership-officer', 'assessor', 'fund-manager', 'approver', 'finance', 'evaluator', 'auditor', 'administrator', name='role', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('granted_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['granted_by'], ['person.id'], name=op.f('fk_membership_granted_by_person')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_membership_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_membership_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_membership'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index('ix_membership_organisation_id', ['organisation_id'], unique=False)
        batch_op.create_index('ix_membership_person_id_role', ['person_id', 'role'], unique=False)

    op.create_table('one_time_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=60), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_one_time_link_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_link')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_one_time_link_token_sha256'))
    )
    with op.batch_alter_table('one_time_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_time_link_person_id'), ['person_id'], unique=False)

    op.create_table('organisation_area',
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('area_code', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_organisation_area_organisation_id_organisation')),
    sa.PrimaryKeyConstraint('organisation_id', 'area_code', name=op.f('pk_organisation_area'))
    )
    op.create_table('round',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('fund', sa.String(length=60), nullable=False),
    sa.Column('fund_year', sa.String(length=60), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('tier', sa.Enum('national', 'local', name='tier', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('parent_award_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('draft', 'open', 'closed', name='state', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('grace_minutes', sa.Integer(), nullable=False),
    sa.Column('pot', sa.BigInteger(), nullable=False),
    sa.Column('allocated', sa.BigInteger(), nullable=False),
    sa.Column('committed', sa.BigInteger(), nullable=False),
    sa.Column('is_illustrative', sa.Boolean(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('definition_id', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(tier = 'local') = (parent_award_id IS NOT NULL)", name=op.f('ck_round_local_names_its_award')),
    sa.CheckConstraint("state = 'draft' OR definition_id IS NOT NULL", name=op.f('ck_round_open_has_definition')),
    sa.CheckConstraint('allocated >= 0 AND allocated <= pot', name=op.f('ck_round_allocated_within_pot')),
    sa.CheckConstraint('closes_at > opens_at', name=op.f('ck_round_closes_after_opens')),
    sa.CheckConstraint('committed >= 0 AND committed <= pot', name=op.f('ck_round_committed_within_pot')),
    sa.CheckConstraint('pot >= 0', name=op.f('ck_round_pot_not_negative')),
    sa.ForeignKeyConstraint(['definition_id'], ['round_definition.id'], name='fk_round_definition_id_round_definition', use_alter=True),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_round_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['parent_award_id'], ['award.id'], name='fk_round_parent_award_id_award', use_alter=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round')),
    sa.UniqueConstraint('key', name=op.f('uq_round_key')),
    sa.UniqueConstraint('organisation_id', 'fund', 'fund_year', 'number', name=op.f('uq_round_organisation_id')),
    sa.UniqueConstraint('reference', name=op.f('uq_round_reference'))
    )
    op.create_table('sign_in_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('second_factor_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_in_session_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_session')),
    sa.UniqueConstraint('token_sha256', name=op.f('uq_sign_in_session_token_sha256'))
    )
    with op.batch_alter_table('sign_in_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sign_in_session_person_id'), ['person_id'], unique=False)

    op.create_table('allocation_area',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('committed', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('is_fictional', sa.Boolean(), nullable=False),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_allocation_area_amount_not_negative')),
    sa.CheckConstraint('committed >= 0 AND committed <= amount', name=op.f('ck_allocation_area_committed_within_amount')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_allocation_area_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_allocation_area')),
    sa.UniqueConstraint('round_id', 'name', name=op.f('uq_allocation_area_round_id'))
    )
    op.create_table('extract',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('format', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('as_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('job_id', sa.Integer(), nullable=True),
    sa.Column('storage_key', sa.String(length=200), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('rows', sa.Integer(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_extract_job_id_job')),
    sa.ForeignKeyConstraint(['made_by'], ['person.id'], name=op.f('fk_extract_made_by_person')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_extract_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extract')),
    sa.UniqueConstraint('key', name=op.f('uq_extract_key'))
    )
    with op.batch_alter_table('extract', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_extract_made_by'), ['made_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_extract_round_id'), ['round_id'], unique=False)

    op.create_table('outbox_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('recipient', sa.String(length=320), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('attachment_key', sa.String(length=200), nullable=True),
    sa.Column('attachment_name', sa.String(length=200), nullable=True),
    sa.Column('once', sa.String(length=200), nullable=True),
    sa.Column('round_id', sa.Integer(), nullable=True),
    sa.Column('message_id', sa.String(length=200), nullable=False),
    sa.Column('state', sa.Enum('queued', 'held', 'sending', 'sent', 'unknown', 'failed', name='state', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('queued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fault', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_outbox_message_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_message')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_message_key')),
    sa.UniqueConstraint('message_id', name=op.f('uq_outbox_message_message_id')),
    sa.UniqueConstraint('once', name=op.f('uq_outbox_message_once'))
    )
    with op.batch_alter_table('outbox_message', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_message_state_queued_at', ['state', 'queued_at'], unique=False)

    op.create_table('panel_seat',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('seat', sa.Enum('chair', name='seat', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_panel_seat_person_id_person')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_panel_seat_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_panel_seat')),
    sa.UniqueConstraint('round_id', 'person_id', 'seat', name=op.f('uq_panel_seat_round_id'))
    )
    with op.batch_alter_table('panel_seat', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_panel_seat_person_id'), ['person_id'], unique=False)

    op.create_table('round_definition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('is_published', sa.Boolean(), nullable=False),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_round_definition_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_definition')),
    sa.UniqueConstraint('round_id', 'version', name=op.f('uq_round_definition_round_id'))
    )
    op.create_table('allocation_area_council',
    sa.Column('allocation_area_id', sa.Integer(), nullable=False),
    sa.Column('area_code', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['allocation_area_id'], ['allocation_area.id'], name=op.f('fk_allocation_area_council_allocation_area_id_allocation_area')),
    sa.PrimaryKeyConstraint('allocation_area_id', 'area_code', name=op.f('pk_allocation_area_council'))
    )
    op.create_table('application',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('definition_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('allocation_area_id', sa.Integer(), nullable=False),
    sa.Column('routing_council', sa.String(length=60), nullable=True),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('state', sa.Enum('draft', 'submitted', 'returned', 'assessing', 'moderation', 'withdrawn', name='state', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('asked', sa.BigInteger(), nullable=False),
    sa.Column('projects_count', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_by', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('returned_reason', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f('ck_application_withdrawn_at')),
    sa.CheckConstraint("state NOT IN ('submitted', 'assessing', 'moderation') OR submitted_at IS NOT NULL", name=op.f('ck_application_submitted_at_when_submitted')),
    sa.CheckConstraint('(submitted_at IS NULL) = (number IS NULL)', name=op.f('ck_application_number_when_submitted')),
    sa.ForeignKeyConstraint(['allocation_area_id'], ['allocation_area.id'], name=op.f('fk_application_allocation_area_id_allocation_area')),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], name=op.f('fk_application_created_by_person')),
    sa.ForeignKeyConstraint(['definition_id'], ['round_definition.id'], name=op.f('fk_application_definition_id_round_definition')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_application_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_application_round_id_round')),
    sa.ForeignKeyConstraint(['submitted_by'], ['person.id'], name=op.f('fk_application_submitted_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application')),
    sa.UniqueConstraint('key', name=op.f('uq_application_key')),
    sa.UniqueConstraint('reference', name=op.f('uq_application_reference'))
    )
    with op.batch_alter_table('application', schema=None) as batch_op:
        batch_op.create_index('ix_application_allocation_area_id', ['allocation_area_id'], unique=False)
        batch_op.create_index('ix_application_organisation_id', ['organisation_id'], unique=False)
        batch_op.create_index('ix_application_round_id_state', ['round_id', 'state'], unique=False)
        batch_op.create_index('ix_application_round_id_submitted_at', ['round_id', 'submitted_at'], unique=False)
        batch_op.create_index('ix_application_round_id_title', ['round_id', 'title'], unique=False)

    op.create_table('answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=120), nullable=False),
    sa.Column('row', sa.String(length=60), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_answer_application_id_application')),
    sa.ForeignKeyConstraint(['changed_by'], ['person.id'], name=op.f('fk_answer_changed_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer')),
    sa.UniqueConstraint('application_id', 'question', 'row', name=op.f('uq_answer_application_id'))
    )
    op.create_table('application_partner',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('row', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('partner_type', sa.String(length=60), nullable=False),
    sa.Column('part', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_application_partner_application_id_application')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_partner')),
    sa.UniqueConstraint('application_id', 'row', name=op.f('uq_application_partner_application_id'))
    )
    op.create_table('application_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_application_version_application_id_application')),
    sa.ForeignKeyConstraint(['submitted_by'], ['person.id'], name=op.f('fk_application_version_submitted_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_application_version')),
    sa.UniqueConstraint('application_id', 'number', name=op.f('uq_application_version_application_id'))
    )
    op.create_table('attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('storage_key', sa.String(length=200), nullable=False),
    sa.Column('scan', sa.Enum('waiting', 'clean', 'infected', name='scan', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('uploaded_by', sa.Integer(), nullable=False),
    sa.Column('uploaded_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('size >= 0', name=op.f('ck_attachment_size_not_negative')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_attachment_application_id_application')),
    sa.ForeignKeyConstraint(['uploaded_by'], ['person.id'], name=op.f('fk_attachment_uploaded_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sa.UniqueConstraint('key', name=op.f('uq_attachment_key')),
    sa.UniqueConstraint('storage_key', name=op.f('uq_attachment_storage_key'))
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index('ix_attachment_application_id_question', ['application_id', 'question'], unique=False)

    op.create_table('award',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('allocation_area_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('none', 'recommended', 'approved', 'refused', 'released', 'declined', 'accepted', 'offer-declined', 'lapsed', 'closed', name='state', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('is_award', sa.Boolean(), nullable=False),
    sa.Column('own_costs', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('onward', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('feedback', sa.Text(), nullable=False),
    sa.Column('recommended_by', sa.Integer(), nullable=True),
    sa.Column('recommended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('recommended_sha256', sa.String(length=64), nullable=True),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('released_by', sa.Integer(), nullable=True),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accept_by', sa.Date(), nullable=True),
    sa.Column('answered_by', sa.Integer(), nullable=True),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'none') = (recommended_by IS NULL)", name=op.f('ck_award_recommended_by_somebody')),
    sa.CheckConstraint("state NOT IN ('approved', 'released', 'accepted', 'closed') OR decided_at IS NOT NULL", name=op.f('ck_award_decided_at_when_decided')),
    sa.CheckConstraint("state NOT IN ('released', 'declined', 'accepted') OR released_at IS NOT NULL", name=op.f('ck_award_released_at_when_released')),
    sa.CheckConstraint('amount >= own_costs', name=op.f('ck_award_amount_covers_own_costs')),
    sa.CheckConstraint('onward >= 0 AND onward <= amount', name=op.f('ck_award_projects_within_award')),
    sa.CheckConstraint('own_costs >= 0', name=op.f('ck_award_own_costs_not_negative')),
    sa.CheckConstraint('recommended_by IS NULL OR decided_by IS NULL OR recommended_by <> decided_by', name=op.f('ck_award_recommender_is_not_approver')),
    sa.ForeignKeyConstraint(['allocation_area_id'], ['allocation_area.id'], name=op.f('fk_award_allocation_area_id_allocation_area')),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], name=op.f('fk_award_answered_by_person')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_award_application_id_application')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_award_decided_by_person')),
    sa.ForeignKeyConstraint(['recommended_by'], ['person.id'], name=op.f('fk_award_recommended_by_person')),
    sa.ForeignKeyConstraint(['released_by'], ['person.id'], name=op.f('fk_award_released_by_person')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_award_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award')),
    sa.UniqueConstraint('application_id', name=op.f('uq_award_application_id')),
    sa.UniqueConstraint('key', name=op.f('uq_award_key')),
    sa.UniqueConstraint('reference', name=op.f('uq_award_reference'))
    )
    with op.batch_alter_table('award', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_award_allocation_area_id'), ['allocation_area_id'], unique=False)
        batch_op.create_index('ix_award_round_id_state', ['round_id', 'state'], unique=False)

    op.create_table('budget_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('row', sa.String(length=60), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('category', sa.String(length=60), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('financial_year', sa.String(length=60), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('is_onward', sa.Boolean(), nullable=False),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_budget_line_amount_not_negative')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_budget_line_application_id_application')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budget_line')),
    sa.UniqueConstraint('application_id', 'row', name=op.f('uq_budget_line_application_id'))
    )
    op.create_table('conflict',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_conflict_application_id_application')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_conflict_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_conflict')),
    sa.UniqueConstraint('application_id', 'person_id', name=op.f('uq_conflict_application_id'))
    )
    with op.batch_alter_table('conflict', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conflict_person_id'), ['person_id'], unique=False)

    op.create_table('proposed_project',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('row', sa.String(length=60), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('group_name', sa.String(length=300), nullable=False),
    sa.Column('activity_type', sa.String(length=60), nullable=False),
    sa.Column('main_group', sa.String(length=60), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=True),
    sa.Column('asked', sa.BigInteger(), nullable=False),
    sa.Column('minimum', sa.BigInteger(), nullable=False),
    sa.Column('decision', sa.Enum('undecided', 'full', 'part', 'reserve', 'out', name='decision', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('reserve_place', sa.Integer(), nullable=True),
    sa.Column('codes', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.CheckConstraint("decision <> 'full' OR amount = asked", name=op.f('ck_proposed_project_full_is_all')),
    sa.CheckConstraint("decision IN ('full', 'part') OR amount = 0", name=op.f('ck_proposed_project_no_amount_unless_funded')),
    sa.CheckConstraint('amount >= 0 AND amount <= asked', name=op.f('ck_proposed_project_amount_within_asked')),
    sa.CheckConstraint('asked >= 0', name=op.f('ck_proposed_project_asked_not_negative')),
    sa.CheckConstraint('minimum >= 0 AND minimum <= asked', name=op.f('ck_proposed_project_minimum_within_asked')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_proposed_project_application_id_application')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposed_project')),
    sa.UniqueConstraint('application_id', 'row', name=op.f('uq_proposed_project_application_id')),
    sa.UniqueConstraint('key', name=op.f('uq_proposed_project_key'))
    )
    op.create_table('search_text',
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_search_text_application_id_application')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_search_text_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_search_text_round_id_round')),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_search_text'))
    )
    with op.batch_alter_table('search_text', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_search_text_round_id'), ['round_id'], unique=False)

    op.create_table('approval',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('award_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('delegation_id', sa.Integer(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_approval_amount_not_negative')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_approval_award_id_award')),
    sa.ForeignKeyConstraint(['delegation_id'], ['delegation.id'], name=op.f('fk_approval_delegation_id_delegation')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_approval_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approval')),
    sa.UniqueConstraint('award_id', 'person_id', 'sha256', name=op.f('uq_approval_award_id'))
    )
    op.create_table('assessment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('application_id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('assigned', 'scoring', 'submitted', 'conflicted', name='state', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('assigned_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('assigned_by', sa.Integer(), nullable=False),
    sa.Column('declared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('total', sa.Numeric(precision=5, scale=2), nullable=True),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'assigned') = (declared_at IS NULL)", name=op.f('ck_assessment_declared_at_when_declared')),
    sa.CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", name=op.f('ck_assessment_submitted_at_when_submitted')),
    sa.CheckConstraint("(state = 'submitted') = (total IS NOT NULL)", name=op.f('ck_assessment_total_when_submitted')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_assessment_application_id_application')),
    sa.ForeignKeyConstraint(['assigned_by'], ['person.id'], name=op.f('fk_assessment_assigned_by_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_assessment_person_id_person')),
    sa.ForeignKeyConstraint(['version_id'], ['application_version.id'], name=op.f('fk_assessment_version_id_application_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assessment')),
    sa.UniqueConstraint('application_id', 'person_id', name=op.f('uq_assessment_application_id')),
    sa.UniqueConstraint('key', name=op.f('uq_assessment_key'))
    )
    with op.batch_alter_table('assessment', schema=None) as batch_op:
        batch_op.create_index('ix_assessment_person_id_state', ['person_id', 'state'], unique=False)

    op.create_table('award_condition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('award_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('evidence', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_award_condition_award_id_award')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award_condition'))
    )
    with op.batch_alter_table('award_condition', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_award_condition_award_id'), ['award_id'], unique=False)

    op.create_table('award_year',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('award_id', sa.Integer(), nullable=False),
    sa.Column('financial_year', sa.String(length=60), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_award_year_amount_not_negative')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_award_year_award_id_award')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_award_year')),
    sa.UniqueConstraint('award_id', 'financial_year', name=op.f('uq_award_year_award_id'))
    )
    op.create_table('letter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('award_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('state', sa.Enum('drafted', 'issued', 'superseded', name='state', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('storage_key', sa.String(length=200), nullable=False),
    sa.Column('drafted_by', sa.Integer(), nullable=False),
    sa.Column('drafted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('issued_by', sa.Integer(), nullable=True),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('superseded_reason', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'drafted') = (issued_at IS NULL)", name=op.f('ck_letter_issued_at_when_issued')),
    sa.CheckConstraint('issued_by IS NULL OR issued_by <> drafted_by', name=op.f('ck_letter_drafter_is_not_issuer')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_letter_award_id_award')),
    sa.ForeignKeyConstraint(['drafted_by'], ['person.id'], name=op.f('fk_letter_drafted_by_person')),
    sa.ForeignKeyConstraint(['issued_by'], ['person.id'], name=op.f('fk_letter_issued_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('code', name=op.f('uq_letter_code')),
    sa.UniqueConstraint('key', name=op.f('uq_letter_key')),
    sa.UniqueConstraint('number', name=op.f('uq_letter_number'))
    )
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.create_index('ix_letter_award_id', ['award_id'], unique=False)
        batch_op.create_index('uq_letter_one_issued', ['award_id'], unique=True, sqlite_where=sa.text("state = 'issued'"), postgresql_where=sa.text("state = 'issued'"))

    op.create_table('register_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('award_id', sa.Integer(), nullable=False),
    sa.Column('made_by', sa.String(length=300), nullable=False),
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_register_entry_award_id_award')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_register_entry'))
    )
    with op.batch_alter_table('register_entry', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_register_entry_award_id'), ['award_id'], unique=False)

    op.create_table('line_recommendation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('proposed_project_id', sa.Integer(), nullable=False),
    sa.Column('recommendation', sa.Enum('full', 'part', 'no', name='recommendation', native_enum=False, create_constraint=True, length=30), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_line_recommendation_assessment_id_assessment')),
    sa.ForeignKeyConstraint(['proposed_project_id'], ['proposed_project.id'], name=op.f('fk_line_recommendation_proposed_project_id_proposed_project')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_line_recommendation')),
    sa.UniqueConstraint('assessment_id', 'proposed_project_id', name=op.f('uq_line_recommendation_assessment_id'))
    )
    op.create_table('project',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('reference', sa.String(length=60), nullable=False),
    sa.Column('award_id', sa.Integer(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('allocation_area_id', sa.Integer(), nullable=False),
    sa.Column('proposed_project_id', sa.Integer(), nullable=True),
    sa.Column('local_award_id', sa.Integer(), nullable=True),
    sa.Column('register_entry_id', sa.Integer(), nullable=True),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('activity_type', sa.String(length=60), nullable=False),
    sa.Column('main_group', sa.String(length=60), nullable=False),
    sa.Column('people_expected', sa.Integer(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('(CASE WHEN proposed_project_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN local_award_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN register_entry_id IS NULL THEN 0 ELSE 1 END) = 1', name=op.f('ck_project_one_decision')),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_project_amount_not_negative')),
    sa.ForeignKeyConstraint(['allocation_area_id'], ['allocation_area.id'], name=op.f('fk_project_allocation_area_id_allocation_area')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_project_award_id_award')),
    sa.ForeignKeyConstraint(['local_award_id'], ['award.id'], name=op.f('fk_project_local_award_id_award')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_project_organisation_id_organisation')),
    sa.ForeignKeyConstraint(['proposed_project_id'], ['proposed_project.id'], name=op.f('fk_project_proposed_project_id_proposed_project')),
    sa.ForeignKeyConstraint(['register_entry_id'], ['register_entry.id'], name=op.f('fk_project_register_entry_id_register_entry')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_project_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_project')),
    sa.UniqueConstraint('key', name=op.f('uq_project_key')),
    sa.UniqueConstraint('local_award_id', name=op.f('uq_project_local_award_id')),
    sa.UniqueConstraint('proposed_project_id', name=op.f('uq_project_proposed_project_id')),
    sa.UniqueConstraint('reference', name=op.f('uq_project_reference')),
    sa.UniqueConstraint('register_entry_id', name=op.f('uq_project_register_entry_id'))
    )
    with op.batch_alter_table('project', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_project_allocation_area_id'), ['allocation_area_id'], unique=False)
        batch_op.create_index('ix_project_award_id', ['award_id'], unique=False)
        batch_op.create_index('ix_project_organisation_id', ['organisation_id'], unique=False)
        batch_op.create_index('ix_project_round_id_activity_type', ['round_id', 'activity_type'], unique=False)

    op.create_table('score',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assessment_id', sa.Integer(), nullable=False),
    sa.Column('criterion', sa.String(length=60), nullable=False),
    sa.Column('mark', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['assessment_id'], ['assessment.id'], name=op.f('fk_score_assessment_id_assessment')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_score')),
    sa.UniqueConstraint('assessment_id', 'criterion', name=op.f('uq_score_assessment_id'))
    )
    op.create_table('ledger_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Enum('pot', 'allocation', 'award', 'project', 'payment', 'recovery', name='kind', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('allocation_area_id', sa.Integer(), nullable=True),
    sa.Column('award_id', sa.Integer(), nullable=True),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['allocation_area_id'], ['allocation_area.id'], name=op.f('fk_ledger_line_allocation_area_id_allocation_area')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_ledger_line_award_id_award')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_ledger_line_person_id_person')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_ledger_line_project_id_project')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_ledger_line_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_line'))
    )
    with op.batch_alter_table('ledger_line', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_line_award_id', ['award_id'], unique=False)
        batch_op.create_index('ix_ledger_line_round_id_kind', ['round_id', 'kind'], unique=False)

    op.create_table('project_code',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_project_code_project_id_project')),
    sa.PrimaryKeyConstraint('project_id', 'kind', 'code', name=op.f('pk_project_code'))
    )
    with op.batch_alter_table('project_code', schema=None) as batch_op:
        batch_op.create_index('ix_project_code_kind_code', ['kind', 'code'], unique=False)

    op.create_table('return_obligation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=True),
    sa.Column('award_id', sa.Integer(), nullable=True),
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('period', sa.String(length=60), nullable=False),
    sa.Column('label', sa.String(length=300), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.CheckConstraint('(award_id IS NULL) <> (project_id IS NULL)', name=op.f('ck_return_obligation_award_or_project')),
    sa.ForeignKeyConstraint(['award_id'], ['award.id'], name=op.f('fk_return_obligation_award_id_award')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_return_obligation_project_id_project')),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_return_obligation_round_id_round')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_obligation')),
    sa.UniqueConstraint('award_id', 'period', name=op.f('uq_return_obligation_award_id')),
    sa.UniqueConstraint('project_id', 'period', name=op.f('uq_return_obligation_project_id'))
    )
    with op.batch_alter_table('return_obligation', schema=None) as batch_op:
        batch_op.create_index('ix_return_obligation_due_on', ['due_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_return_obligation_round_id'), ['round_id'], unique=False)

    op.create_table('outcome_return',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.Uuid(), nullable=False),
    sa.Column('obligation_id', sa.Integer(), nullable=False),
    sa.Column('definition_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('open', 'submitted', 'queried', 'accepted', name='state', native_enum=False, create_constraint=True, length=30), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('submitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('submitted_by', sa.Integer(), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by', sa.Integer(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("(state = 'accepted') = (accepted_at IS NOT NULL)", name=op.f('ck_outcome_return_accepted_at_when_accepted')),
    sa.CheckConstraint("state NOT IN ('submitted', 'accepted') OR submitted_at IS NOT NULL", name=op.f('ck_outcome_return_submitted_at_when_submitted')),
    sa.ForeignKeyConstraint(['accepted_by'], ['person.id'], name=op.f('fk_outcome_return_accepted_by_person')),
    sa.ForeignKeyConstraint(['definition_id'], ['round_definition.id'], name=op.f('fk_outcome_return_definition_id_round_definition')),
    sa.ForeignKeyConstraint(['obligation_id'], ['return_obligation.id'], name=op.f('fk_outcome_return_obligation_id_return_obligation')),
    sa.ForeignKeyConstraint(['submitted_by'], ['person.id'], name=op.f('fk_outcome_return_submitted_by_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcome_return')),
    sa.UniqueConstraint('key', name=op.f('uq_outcome_return_key')),
    sa.UniqueConstraint('obligation_id', name=op.f('uq_outcome_return_obligation_id'))
    )
    with op.batch_alter_table('outcome_return', schema=None) as batch_op:
        batch_op.create_index('ix_outcome_return_state', ['state'], unique=False)

    op.create_table('outcome_result',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('return_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=60), nullable=False),
    sa.Column('measure', sa.String(length=60), nullable=False),
    sa.Column('started', sa.Integer(), nullable=False),
    sa.Column('baseline', sa.Integer(), nullable=False),
    sa.Column('paired', sa.Integer(), nullable=False),
    sa.Column('improved', sa.Integer(), nullable=False),
    sa.Column('same', sa.Integer(), nullable=False),
    sa.Column('worse', sa.Integer(), nullable=False),
    sa.CheckConstraint('paired = improved + same + worse AND paired <= baseline AND baseline <= started', name=op.f('ck_outcome_result_counts_fit')),
    sa.ForeignKeyConstraint(['return_id'], ['outcome_return.id'], name=op.f('fk_outcome_result_return_id_outcome_return')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outcome_result')),
    sa.UniqueConstraint('return_id', 'outcome', name=op.f('uq_outcome_result_return_id'))
    )
    op.create_table('return_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('return_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=120), nullable=False),
    sa.Column('row', sa.String(length=60), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['changed_by'], ['person.id'], name=op.f('fk_return_answer_changed_by_person')),
    sa.ForeignKeyConstraint(['return_id'], ['outcome_return.id'], name=op.f('fk_return_answer_return_id_outcome_return')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_answer')),
    sa.UniqueConstraint('return_id', 'question', 'row', name=op.f('uq_return_answer_return_id'))
    )
    op.create_table('return_figure',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('return_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=120), nullable=False),
    sa.Column('code', sa.String(length=60), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['return_id'], ['outcome_return.id'], name=op.f('fk_return_figure_return_id_outcome_return')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_figure')),
    sa.UniqueConstraint('return_id', 'question', 'code', name=op.f('uq_return_figure_return_id'))
    )
    with op.batch_alter_table('return_figure', schema=None) as batch_op:
        batch_op.create_index('ix_return_figure_question_code', ['question', 'code'], unique=False)

    op.create_table('return_query',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('return_id', sa.Integer(), nullable=False),
    sa.Column('question', sa.String(length=120), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_return_query_asked_by_person')),
    sa.ForeignKeyConstraint(['return_id'], ['outcome_return.id'], name=op.f('fk_return_query_return_id_outcome_return')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_query'))
    )
    with op.batch_alter_table('return_query', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_return_query_return_id'), ['return_id'], unique=False)

    op.create_table('return_spend',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('return_id', sa.Integer(), nullable=False),
    sa.Column('heading', sa.String(length=60), nullable=False),
    sa.Column('spent', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['return_id'], ['outcome_return.id'], name=op.f('fk_return_spend_return_id_outcome_return')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_return_spend')),
    sa.UniqueConstraint('return_id', 'heading', name=op.f('uq_return_spend_return_id'))
    )

    # Two tables that name each other: SQLite has these inside the table already.
    if op.get_bind().dialect.name != "sqlite":
        op.create_foreign_key(
            "fk_round_definition_id_round_definition",
            "round",
            "round_definition",
            ["definition_id"],
            ["id"],
        )
        op.create_foreign_key(
            "fk_round_parent_award_id_award", "round", "award", ["parent_award_id"], ["id"]
        )
