"""Every verb a person can do. One word each; ``permissions.py`` says who may, ``moves.py`` when."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """A verb. Those that change a state stand in ``moves.py`` too."""

    # rounds
    READ_ROUND = "read-round"  # as staff; published rounds are public
    READ_BALANCE = "read-balance"  # how the money of a round stands, before release too
    SET_UP_ROUND = "set-up-round"
    OPEN_ROUND = "open-round"
    CLOSE_ROUND = "close-round"
    # applying
    CREATE_APPLICATION = "create-application"
    ENTER_FOR_GROUP = "enter-for-group"  # type what a group gave on paper or by phone
    READ_APPLICATION = "read-application"
    EDIT_APPLICATION = "edit-application"
    SHARE = "share"  # invite people to this one application
    COMMENT = "comment"
    ASK_CONFIRMATION = "ask-confirmation"  # of a second person, or a partner, before it is sent
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    READ_FILE = "read-file"
    READ_OUTCOME = "read-outcome"
    READ_QUERIES = "read-queries"  # who asked an applicant what, and what was said
    # assessing
    READ_DUPLICATES = "read-duplicates"
    JUDGE_DUPLICATES = "judge-duplicates"
    RETURN = "return"
    TRIAGE = "triage"  # eligibility and completeness, before scoring
    SET_ASIDE = "set-aside"  # to a refusal, for what the check found
    OPEN_ASSESSING = "open-assessing"
    OPEN_MODERATION = "open-moderation"
    ASSIGN = "assign"
    ANSWER_BEFOREHAND = "answer-beforehand"  # which bodies of a blind round one has to do with
    READ_INTERESTS = "read-interests"  # the register of a round: declared, suggested, set aside
    OVERRIDE_CONFLICT = "override-conflict"  # set a suggested one aside, with a reason
    HOLD_CALIBRATION = "hold-calibration"  # write sample applications, open and close the set
    CALIBRATE = "calibrate"  # score the samples of a round
    READ_SUMMARY = "read-summary"
    DECLARE = "declare"
    SCORE = "score"
    SUBMIT_SCORE = "submit-score"
    ASK_TO_REOPEN = "ask-to-reopen"  # one's own submitted scores
    REOPEN_SCORES = "reopen-scores"
    TYPE_SCORES = "type-scores"  # what an assessor gave on paper
    CONFIRM_SCORES = "confirm-scores"  # that a colleague typed, against the scanned sheets
    LOG_TIME = "log-time"  # one's own hours, training and expenses in a round
    READ_VOLUNTEERS = "read-volunteers"  # what the panel gave in all
    APPROVE_EXPENSE = "approve-expense"
    READ_OWN_SCORE = "read-own-score"
    READ_OTHER_SCORES = "read-other-scores"
    READ_ALL_SCORES = "read-all-scores"
    # knowing the applicant
    READ_HISTORY = "read-history"  # earlier awards and how their returns stand
    READ_CHECKS = "read-checks"  # due diligence
    RECORD_CHECK = "record-check"
    # deciding
    READ_DECISION = "read-decision"
    READ_SCENARIO = "read-scenario"  # what a round's funding line could be
    PLAN_AWARDS = "plan-awards"  # draw it, keep scenarios and adopt one
    READ_MEETING = "read-meeting"  # a meeting of the panel; one who assesses, if they are of it
    HOLD_MEETING = "hold-meeting"  # plan it, record who is there, order its business
    READ_ITEM = "read-item"  # one application at a meeting, its scores and what came of it
    MODERATE = "moderate"  # record what a meeting made of an application
    SIGN_MINUTE = "sign-minute"  # as its chair
    RECOMMEND = "recommend"
    HOLD = "hold"  # put what is recommended in reserve
    APPROVE = "approve"
    REFUSE = "refuse"
    AMEND = "amend"
    RELEASE = "release"
    ACCEPT = "accept"
    DECLINE_OFFER = "decline-offer"
    LAPSE = "lapse"
    CLOSE = "close"
    RECORD_RECOVERY = "record-recovery"  # money of an award that came back
    # letters
    DRAFT_LETTER = "draft-letter"
    ISSUE_LETTER = "issue-letter"
    SUPERSEDE_LETTER = "supersede-letter"
    READ_LETTER = "read-letter"
    # reporting
    READ_PROJECT = "read-project"
    READ_RETURN = "read-return"
    EDIT_RETURN = "edit-return"
    SUBMIT_RETURN = "submit-return"
    QUERY_RETURN = "query-return"
    ACCEPT_RETURN = "accept-return"
    # evaluating
    READ_STATISTICS = "read-statistics"
    ANSWER_EQUALITY = "answer-equality"
    READ_EQUALITY = "read-equality"
    EXTRACT = "extract"
    # administering
    MANAGE_PEOPLE = "manage-people"
    MANAGE_MEMBERS = "manage-members"
    READ_PROFILE = "read-profile"  # an organisation's, as its people and administrators
    EDIT_PROFILE = "edit-profile"
    MANAGE_ORGANISATIONS = "manage-organisations"  # their council areas; the registers
    MANAGE_DELEGATIONS = "manage-delegations"
    READ_AUDIT = "read-audit"
    READ_OUTBOX = "read-outbox"
    READ_LEDGER = "read-ledger"


# What cannot be undone by one person: who does it shows once more that it is they.
FRESH = frozenset(
    {
        Action.APPROVE,
        Action.REFUSE,
        Action.RELEASE,
        Action.ISSUE_LETTER,
        Action.ACCEPT,
        Action.DECLINE_OFFER,
        Action.MANAGE_PEOPLE,
        Action.MANAGE_DELEGATIONS,
    }
)
