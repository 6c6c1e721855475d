"""The inspection frameworks as data: their names, judgements and grades. Pure."""

from django.db import models


class Framework(models.TextChoices):
    CHILD_PROTECTION = "child_protection", "Arrangements for the protection of children"
    SIF = "sif", "Single inspection framework (SIF)"
    ILACS = "ilacs", "Inspection of local authority children's services (ILACS)"
    JTAI = "jtai", "Joint targeted area inspection (JTAI)"
    SEND = "send", "Area SEND inspection"
    COMMISSIONER = "commissioner", "Commissioner’s report"
    ADVISER = "adviser", "Improvement adviser’s report"
    CONSULTANT = "consultant", "Consultant’s review"
    PEER = "peer", "Peer challenge"
    TASK_AND_FINISH = "task_and_finish", "Task and finish group"
    SCRUTINY = "scrutiny", "Scrutiny inquiry"
    OTHER = "other", "Other"


# Not inspections: no clock runs from them, and a plan may answer them like any report.
REVIEWS = frozenset(
    {
        Framework.COMMISSIONER,
        Framework.ADVISER,
        Framework.CONSULTANT,
        Framework.PEER,
        Framework.TASK_AND_FINISH,
        Framework.SCRUTINY,
    }
)


class Grade(models.TextChoices):
    OUTSTANDING = "outstanding", "Outstanding"
    GOOD = "good", "Good"
    REQUIRES_IMPROVEMENT = "requires_improvement", "Requires improvement to be good"
    INADEQUATE = "inadequate", "Inadequate"


# In the order of the reports. The overall grade is absent in ILACS from April 2026.
AREAS: dict[str, str] = {
    "overall_effectiveness": "Overall effectiveness",
    "help_and_protection": "Children who need help and protection",
    "looked_after_and_permanence": "Children looked after and achieving permanence",
    "adoption_performance": "Adoption performance",
    "care_leavers_experience": "Experiences and progress of care leavers",
    "leadership_management_governance": "Leadership, management and governance",
    "impact_of_leaders": "The impact of leaders on social work practice",
    "in_care_and_care_leavers": "Children in care and care leavers",
    "in_care": "Children in care",
    "care_leavers": "Care leavers",
    "child_protection": "Arrangements for the protection of children",
    "safeguarding_board": "Local safeguarding children board",
}

AREAS_OF: dict[str, tuple[str, ...]] = {
    Framework.CHILD_PROTECTION: ("child_protection",),
    Framework.SIF: (
        "overall_effectiveness",
        "help_and_protection",
        "looked_after_and_permanence",
        "adoption_performance",
        "care_leavers_experience",
        "leadership_management_governance",
        "safeguarding_board",
    ),
    Framework.ILACS: (
        "overall_effectiveness",
        "impact_of_leaders",
        "help_and_protection",
        "in_care_and_care_leavers",
        "in_care",
        "care_leavers",
    ),
}
