"""An SMTP server that counts, and keeps the first messages only: 30,000 emails would not fit into memory."""

from collections import Counter

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.services.servers import Received, SmtpSink

KEPT = 200


class CountingSink(SmtpSink):
    """What came is in `taken` (how often each address), `bytes_taken`, `connections`, and a sample in `messages`."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: Counter[str] = Counter()
        self.bytes_taken = 0

    def clear(self) -> None:
        super().clear()
        with self._lock:
            self.taken.clear()
            self.bytes_taken = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        with self._lock:
            self.taken.update(envelope.rcpt_tos)
            self.bytes_taken += len(content)
            if len(self._messages) < KEPT:
                self._messages.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), content, True))
            self._lock.notify_all()
        return "250 Taken"
