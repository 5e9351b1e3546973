"""A mail server for tests, on a free port of the loopback, which it prints. Each mail it takes over is a line of JSON in a
file before the sender hears so. The recipient's name says how it behaves:

    refuse...  550 at RCPT          later...   451 at RCPT         blocked... 554 after DATA
    stall...   no answer to RCPT    drop...    hangs up in the middle of DATA
    down...    421 at RCPT and hangs up

A sender called unknown... gets 550 at MAIL.
"""

import argparse
import asyncio
import email
import email.policy
import json
import os
import ssl

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("file")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--tls", choices=["starttls", "tls"])
parser.add_argument("--login", help="user:password")
options = parser.parse_args()
connections = 0


def body(message, kind):
    part = message.get_body(preferencelist=(kind,))
    return part.get_content().replace("\r\n", "\n") if part else None


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if address.startswith("unknown"):
            return "550 5.7.1 we do not send for this sender"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        name = address.split("@")[0]
        if name.startswith("stall"):
            await asyncio.sleep(3600)
        if name.startswith("refuse"):
            return "550 5.1.1 no such mailbox"
        if name.startswith("later"):
            return "451 4.7.1 greylisted, come again"
        if name.startswith("down"):
            server.transport.write(b"421 4.3.2 going down\r\n")
            server.transport.close()
            return "421 going down"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("blocked"):
            return "554 5.7.1 looks like spam"
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        unsubscribe = message["List-Unsubscribe"]
        line = {
            "connection": server.number,
            "sender": envelope.mail_from,
            "recipient": envelope.rcpt_tos[0],
            "messageID": str(message["Message-ID"]).strip("<>"),
            "subject": str(message["Subject"]),
            "from": [message["From"].addresses[0].display_name, message["From"].addresses[0].addr_spec],
            "to": [message["To"].addresses[0].display_name, message["To"].addresses[0].addr_spec],
            "date": str(message["Date"].datetime),
            "unsubscribe": str(unsubscribe).strip("<>") if unsubscribe else None,
            "post": message["List-Unsubscribe-Post"],
            "text": body(message, "plain"),
            "html": body(message, "html"),
            "tls": session.ssl is not None or options.tls == "tls",
            "login": session.auth_data.login.decode() if session.authenticated else None,
            "defects": [str(defect) for defect in message.defects],
            "raw": envelope.content.decode("ascii", "replace"),
        }
        with open(options.file, "a") as file:
            file.write(json.dumps(line) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return "250 OK"


class Server(SMTP):
    def __init__(self, *arguments, **named):
        global connections
        super().__init__(*arguments, **named)
        connections += 1
        self.number = connections

    async def smtp_DATA(self, argument):
        if self.envelope.rcpt_tos and self.envelope.rcpt_tos[0].startswith("drop"):
            await self.push("354 go ahead")
            await self._reader.readline()
            self.transport.abort()
            return
        await super().smtp_DATA(argument)


async def main():
    context = None
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
    named = {"hostname": "localhost", "enable_SMTPUTF8": False}
    if options.tls == "starttls":
        named |= {"tls_context": context, "require_starttls": True}
    if options.login:
        user, password = options.login.split(":")

        def authenticator(server, session, envelope, mechanism, data):
            good = (data.login, data.password) == (user.encode(), password.encode())
            return AuthResult(success=good, handled=False, auth_data=data)

        named |= {"authenticator": authenticator, "auth_required": True, "auth_require_tls": options.tls == "starttls"}
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(Handler(), **named),
        "127.0.0.1",
        options.port,
        ssl=context if options.tls == "tls" else None,
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
