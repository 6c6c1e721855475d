"""Send mails with nothing but smtplib, over one connection, and print how long it took: the yardstick for mail."""

import json
import smtplib
import sys
import time

LINE = "A line of an email that is about as long as the lines of a real one are, no more\r\n"


def main() -> None:
    mails, size, host, port = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    body = "Subject: Mail\r\nFrom: a@plan.example\r\n\r\n" + LINE * (size // len(LINE))
    began = time.perf_counter()
    with smtplib.SMTP(host, port) as connection:
        for number in range(mails):
            connection.sendmail("a@plan.example", [f"person.{number}@council.example"], body)
    print(json.dumps({"seconds": round(time.perf_counter() - began, 4)}))


if __name__ == "__main__":
    main()
