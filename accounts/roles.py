"""The roles a person can hold in a council, and what each may do. Pure: no queries."""

from django.db import models


class Role(models.TextChoices):
    PROGRAMME_OFFICE = "programme_office", "Programme office"
    ACTION_OWNER = "action_owner", "Action owner"
    HEAD_OF_SERVICE = "head_of_service", "Head of service"
    PRIORITY_LEAD = "priority_lead", "Priority lead"
    DIRECTOR = "director", "Director"
    COUNCILLOR = "councillor", "Councillor"
    CHAIR = "chair", "Independent chair or adviser"
    PARTNER = "partner", "Partner agency"
    INSPECTOR = "inspector", "Inspector"
    ADMINISTRATOR = "administrator", "Administrator"


WHAT_THEY_MAY_DO = {
    Role.PROGRAMME_OFFICE: "See the whole plan, update any action, check finished work and run the plan.",
    Role.ACTION_OWNER: "See the plan and update their own actions.",
    Role.HEAD_OF_SERVICE: "See the plan, update the actions of their service and check finished work.",
    Role.PRIORITY_LEAD: "See the plan and check finished work of their priority.",
    Role.DIRECTOR: "See the whole plan, check finished work and agree deadlines.",
    Role.COUNCILLOR: "See the plan, but nothing restricted.",
    Role.CHAIR: "See the plan, but nothing restricted.",
    Role.PARTNER: "See and update the actions of their own agency.",
    Role.INSPECTOR: "Look at and download everything that is not restricted, until their access ends.",
    Role.ADMINISTRATOR: "Keep people, roles and bank holidays.",
}

# The whole plan of the council; a partner sees only the actions of its agency.
SEES_PLAN = frozenset(Role) - {Role.PARTNER}
SEES_RESTRICTED = frozenset({Role.PROGRAMME_OFFICE, Role.DIRECTOR})
RUNS_PLAN = frozenset({Role.PROGRAMME_OFFICE})
SENDS_PLAN = frozenset({Role.PROGRAMME_OFFICE, Role.DIRECTOR})
# Versions of the plan that were neither sent nor published: those who write it.
SEES_DRAFTS = frozenset({Role.PROGRAMME_OFFICE, Role.DIRECTOR, Role.PRIORITY_LEAD, Role.HEAD_OF_SERVICE})
SETS_NUMBERS = frozenset({Role.PROGRAMME_OFFICE, Role.DIRECTOR})
KEEPS_PEOPLE = frozenset({Role.PROGRAMME_OFFICE, Role.ADMINISTRATOR})
KEEPS_HOLIDAYS = frozenset({Role.ADMINISTRATOR})
USES_INSPECTOR_SITE = frozenset({Role.INSPECTOR, Role.PROGRAMME_OFFICE, Role.DIRECTOR})
OWNS_ACTIONS = frozenset(
    {
        Role.PROGRAMME_OFFICE,
        Role.ACTION_OWNER,
        Role.HEAD_OF_SERVICE,
        Role.PRIORITY_LEAD,
        Role.DIRECTOR,
        Role.PARTNER,
    }
)
SEES_PEOPLE = OWNS_ACTIONS - {Role.PARTNER} | {Role.ADMINISTRATOR}
# Whose access ends on a day that is said when they are invited.
INVITED_UNTIL_A_DAY = frozenset({Role.PARTNER, Role.INSPECTOR})
# Who works for others than the council, and has no account at work there.
FROM_OUTSIDE = frozenset({Role.PARTNER, Role.INSPECTOR, Role.CHAIR})
# Who must show more than a password: everybody who can change something, and everybody from outside the council.
NEEDS_SECOND_STEP = frozenset(Role) - {Role.COUNCILLOR}
