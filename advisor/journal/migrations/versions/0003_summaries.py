"""Changes without their samples, beside the whole ones: lists need not read what was measured."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("changes", sa.Column("summary", sa.Text, nullable=True))
    op.create_index("changes_by_state", "changes", ["environment", "state", "sequence"])
