from datetime import date
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from accounts.practices import Practices
from accounts.roles import Role
from tracker.audit.history import TrackedQuerySet, history, save_because


class OfCouncilQuerySet(TrackedQuerySet):
    path = "authority"


class CouncilsQuerySet(TrackedQuerySet):
    path = "pk"


class Authority(models.Model):
    """A council. Every row of the plan belongs to one; one installation serves many."""

    name = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(unique=True, help_text="Names the council in downloads and mail.")
    ons_code = models.CharField("ONS code", max_length=9, blank=True)
    dfe_code = models.CharField("DfE local authority code", max_length=3, blank=True)
    ofsted_urn = models.CharField("Ofsted reference", max_length=10, blank=True)
    contact_name = models.CharField(max_length=200, blank=True, help_text="Who helps owners, named in each email.")
    contact_phone = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True, help_text="Shown at the foot of every page.")

    objects = CouncilsQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "council"
        verbose_name_plural = "councils"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager):
    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make the first technical administrator, from the command line."""
        user = User(email=self.normalize_email(email), is_staff=True, is_superuser=True, **fields)
        user.set_password(password)
        return save_because(user, by=None, reason="Made on the command line by createsuperuser")

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. What they may do comes from their memberships of councils, never from here."""

    email = models.EmailField("email address")
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True, help_text="People leave by being switched off.")
    is_staff = models.BooleanField(default=False, help_text="Technical administrator of the installation.")
    last_login = None  # Sign-ins are rows of their own (SignIn), so that reading writes no history.

    objects = UserManager.from_queryset(TrackedQuerySet)()
    history = history(excluded_fields=["password"])

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(Lower("email"), name="person_has_one_email_address")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        """Return the first name, for the greeting of an email; a post is greeted whole."""
        return self.name.split()[0] if self.name else ""

    def acts_in(self, council: Authority, *, post: str) -> None:
        """Remember the post that this person holds in a council, where it is known."""
        self.__dict__.setdefault("_posts", {None: ""})[council.pk] = post

    def post_in(self, council: int | None) -> str:
        """Return the first post named that this person holds in a council, by its key; "" for none. One query, once."""
        posts = self.__dict__.setdefault("_posts", {None: ""})
        if council not in posts:
            held = self.memberships.filter(authority=council).exclude(post="").order_by("pk")
            posts[council] = held.values_list("post", flat=True).first() or ""
        return posts[council]

    def check_password(self, raw_password: str) -> bool:
        """Compare only: Django's own would rewrite the row, unexplained, when a hash is upgraded."""
        return check_password(raw_password, self.password)


class SignIn(models.Model):
    """One sign-in of one person: a record, never changed."""

    user = models.ForeignKey(User, models.PROTECT, related_name="sign_ins")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.user}, {self.at:%-d %B %Y}"


class OpenedPageQuerySet(models.QuerySet):
    path = "authority"

    def of(self, authority: Authority):
        return self.filter(authority=authority)

    def visible_to(self, member: Any):
        """The pages opened in the council, for its programme office; a title may be of something restricted since."""
        return self.of(member.authority) if member is not None and member.runs_plan else self.none()


class OpenedPage(models.Model):
    """One page that an inspector asked for: a record, never changed; old ones are removed, see `practices`."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="opened_pages")
    user = models.ForeignKey(User, models.PROTECT, related_name="opened_pages")
    at = models.DateTimeField()
    method = models.CharField(max_length=10)
    address = models.TextField(help_text="The path, and what was asked for in it.")
    title = models.CharField(max_length=300, blank=True, help_text="Its title or the file's name; none for a redirect.")
    status = models.PositiveSmallIntegerField(help_text="What was answered: 200 shown, 403 refused, 404 not found.")

    objects = OpenedPageQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["authority", "-at"], name="opened_page_by_council")]

    def __str__(self) -> str:
        return f"{self.user}, {self.address}, {self.at:%-d %B %Y}"

    @property
    def outcome(self) -> str:
        """What became of it, in a word or two; "" when it was simply shown."""
        if self.status in {403, 405}:
            return "Refused"
        if 300 <= self.status < 400:
            return "Sent on to another page"
        return "Not found" if self.status == 404 else "Failed" if self.status >= 500 else ""


class SecurityEvent(models.Model):
    """Something that happened at the door, kept for those who look after people: a record, never changed.

    A wrong password for an address that nobody has leaves no name: what was typed may have been a password.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed_in", "Signed in"
        REFUSED = "refused", "Wrong email address or password"
        LOCKED = "locked", "Held back after too many wrong tries"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        STEP_ADDED = "step_added", "Second step added"
        STEP_REMOVED = "step_removed", "Second step removed"
        CODES_MADE = "codes_made", "New recovery codes"
        SESSION_ENDED = "session_ended", "Session ended from another browser"
        INVITED = "invited", "Invited"

    kind = models.CharField(max_length=20, choices=Kind)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="security_events")
    at = models.DateTimeField()
    address = models.GenericIPAddressField("address of the network", null=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["user", "-at"], name="security_events_of_a_person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%-d %B %Y}"


class Notice(models.Model):
    """An email about someone's account that waits for the post: a record. Its text is dropped once it has gone.

    `claim` and `claimed_until` name the worker that is sending it.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="notices")
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    written_at = models.DateTimeField()
    claim = models.CharField(max_length=40, blank=True)
    claimed_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return f"{self.subject}, {self.user}"


class Service(models.Model):
    """A part of the council that delivers actions, with its head."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="services")
    name = models.CharField(max_length=200)
    head = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="heads")

    objects = OfCouncilQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["authority", "name"], name="service_named_once_in_a_council")]

    def __str__(self) -> str:
        return self.name


class CouncilPractice(models.Model):
    """A number that a council works by and set itself; `practices.PRACTICES` has what holds until then."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="practices")
    code = models.CharField(max_length=40)
    value = models.PositiveSmallIntegerField()
    source = models.TextField(help_text="Where the number comes from.")

    objects = OfCouncilQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "setting of a council"
        verbose_name_plural = "settings of councils"
        ordering = ["authority", "code"]
        constraints = [models.UniqueConstraint(fields=["authority", "code"], name="setting_made_once_in_a_council")]

    def __str__(self) -> str:
        return self.code


def practices_of(authority: Authority) -> Practices:
    """Return the numbers a council works by. One query."""
    own = CouncilPractice.objects.filter(authority=authority).values_list("code", "value", "source")
    return Practices({code: (value, source) for code, value, source in own})


class Agency(models.Model):
    """A partner agency that owns actions: police, health, schools."""

    class Kind(models.TextChoices):
        POLICE = "police", "Police"
        HEALTH = "health", "Health"
        SCHOOLS = "schools", "Schools"
        PARTNERSHIP = "partnership", "Safeguarding partnership"
        OTHER = "other", "Other"

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="agencies")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.OTHER)

    objects = OfCouncilQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name = "partner agency"
        verbose_name_plural = "partner agencies"
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["authority", "name"], name="agency_named_once_in_a_council")]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(OfCouncilQuerySet):
    def current(self, *, on: date):
        """Memberships in force on a day, both ends counted, of people who have not left."""
        return self.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=on),
            Q(ends_on__isnull=True) | Q(ends_on__gte=on),
            ended_at__isnull=True,
            user__is_active=True,
        )


class Membership(models.Model):
    """A person's role in a council, in a post, from a day and to a day."""

    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    post = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    service = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="memberships")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="memberships")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="Ended at once at this moment, before its day.")
    # An inspector may be let see one plan or one visit. By reference: plans and visits stand above this room.
    only_plan = models.SlugField(max_length=60, blank=True, default="", db_default="")
    only_visit = models.SlugField(max_length=60, blank=True, default="", db_default="")

    objects = MembershipQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["authority", "user", "role", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "authority", "role"], name="role_held_once_in_a_council"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_not_before_it_starts",
            ),
            models.CheckConstraint(
                condition=~Q(role="partner") | Q(agency__isnull=False), name="partner_belongs_to_an_agency"
            ),
            models.CheckConstraint(
                condition=~Q(role="inspector") | Q(ends_on__isnull=False), name="inspector_access_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(only_plan="") | Q(only_visit=""), name="access_is_to_one_plan_or_one_visit"
            ),
            models.CheckConstraint(
                condition=Q(role="inspector") | Q(only_plan="", only_visit=""), name="only_inspectors_see_a_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()}, {self.authority}"
