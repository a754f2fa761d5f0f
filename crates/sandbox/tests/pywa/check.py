"""The sandbox through the eyes of pywa, a maintained client library of the Cloud API.

pywa speaks to `graph.facebook.com` and has no setting for another address; it takes the `httpx.Client`
that it is to use, so the client given here carries its requests to the sandbox instead. Everything else
is as in a program that serves real people: pywa registers its own callback, checks the signatures and
parses what arrives.
"""

import datetime
import json
import socket
import subprocess
import sys
import threading
import time

import fastapi
import httpx
import uvicorn
from pywa import WhatsApp, filters, types
from pywa.errors import WhatsAppError
from pywa.types import templates as t

APP, SECRET, TOKEN = "670843887433847", "sandbox-app-secret", "sandbox-token"
WABA, NUMBER, DANA = "102030405060701", "106540352240001", "972500000010"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")

passed = failed = 0


class ToSandbox(httpx.HTTPTransport):
    """Carries requests for Meta's hosts to the sandbox."""

    def __init__(self, url):
        super().__init__()
        self.url = httpx.URL(url)

    def handle_request(self, request):
        if request.url.host.endswith("facebook.com"):
            request.url = request.url.copy_with(
                scheme=self.url.scheme, host=self.url.host, port=self.url.port
            )
            request.headers["host"] = f"{self.url.host}:{self.url.port}"
        return super().handle_request(request)


def check(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name} {detail}")


def attempt(name, call):
    """Runs one call of the library; its answer, or None when it failed."""
    try:
        answer = call()
    except Exception as error:  # noqa: BLE001 — whatever goes wrong is this check's failure
        check(name, False, f"{type(error).__name__}: {error}")
        return None
    check(name, answer is not None)
    return answer


def until(name, condition, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            check(name, True)
            return
        time.sleep(0.02)
    check(name, False, "(waited in vain)")


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class Phone:
    """Dana's phone, by the control API."""

    def __init__(self, url):
        self.http = httpx.Client(base_url=url)

    def control(self, path, **body):
        answer = self.http.post(f"/control/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    def act(self, action, **body):
        return self.control(f"persons/{DANA}/{action}", **body)

    def message(self, wamid):
        chat = self.http.get(f"/phone/api/chats/{DANA}/{NUMBER}").json()
        return next((m for m in chat["messages"] if m["id"] == wamid), None)

    def has(self, sent):
        return self.message(sent.id) is not None


def start_client(url):
    """A pywa client whose own server receives the webhooks."""
    port = free_port()
    app = fastapi.FastAPI()
    wa = WhatsApp(
        phone_id=NUMBER,
        token=TOKEN,
        session=httpx.Client(transport=ToSandbox(url)),
        server=app,
        verify_token="right",
        callback_url=f"http://127.0.0.1:{port}",
        app_id=int(APP),
        app_secret=SECRET,
        waba_id=WABA,
        webhook_challenge_delay=1,
    )
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    threading.Thread(target=server.run, daemon=True).start()
    return wa


def listen(wa):
    """Collects everything pywa makes of the webhooks."""
    heard = {name: [] for name in (
        "message", "status", "button", "selection", "form", "template", "marketing", "number",
    )}
    wa.on_message()(lambda _, update: heard["message"].append(update))
    wa.on_message_status()(lambda _, update: heard["status"].append(update))
    wa.on_callback_button()(lambda _, update: heard["button"].append(update))
    wa.on_callback_selection()(lambda _, update: heard["selection"].append(update))
    wa.on_flow_completion()(lambda _, update: heard["form"].append(update))
    wa.on_template_status_update()(lambda _, update: heard["template"].append(update))
    wa.on_user_marketing_preferences()(lambda _, update: heard["marketing"].append(update))
    wa.on_phone_number_change()(lambda _, update: heard["number"].append(update))
    return heard


def send_everything(wa, phone, hello):
    """Every kind of message that the library can send."""
    to = f"+{DANA}"
    image = attempt("upload media", lambda: wa.upload_media(PNG, mime_type="image/png", filename="a.png"))
    voice = wa.upload_media(b"OggS", mime_type="audio/ogg", filename="a.ogg")
    sticker = wa.upload_media(b"RIFF", mime_type="image/webp", filename="a.webp")
    button = types.Button(title="כן", callback_data="yes")
    link = types.URLButton(title="לאתר", url="https://shop.example.co.il")
    rows = [types.SectionRow(title="09:00", callback_data="slot-9", description="יום ראשון")]
    slots = types.SectionList("בחירה", [types.Section(title="בוקר", rows=rows)])
    card = lambda n: types.ImageCarouselCard(
        body=f"מוצר {n}", image="https://cdn.example.co.il/0.jpg", buttons=link
    )
    form = types.FlowButton(
        title="מילוי", flow_id="6627390910605886", flow_token="tok-1", flow_message_version="3",
        flow_action_type=types.FlowActionType.NAVIGATE, flow_action_screen="FIRST",
    )
    contact = types.Contact(
        name=types.Contact.Name(formatted_name="שירות לדוגמה", first_name="שירות"),
        phones=[types.Contact.Phone(phone="+972500000001", type="WORK")],
    )
    sections = [types.ProductsSection(title="שתייה", skus=["SKU-1"])]
    sends = {
        "text": lambda: wa.send_message(to, "שלום /\n😀 https://a.example", preview_url=True, tracker="t-1"),
        "reply": lambda: wa.send_message(to, "כמובן", reply_to_message_id=hello),
        "buttons": lambda: wa.send_message(to, "מתאים?", header="תור", footer="מרפאה", buttons=[button]),
        "list": lambda: wa.send_message(to, "מתי?", buttons=slots),
        "url button": lambda: wa.send_message(to, "לתשלום", buttons=link),
        "form": lambda: wa.send_message(to, "טופס", buttons=form),
        "call permission": lambda: wa.send_message(to, "נתקשר?", buttons=types.CallPermissionRequestButton()),
        "call button": lambda: wa.send_message(to, "חייגו", buttons=types.VoiceCallButton(title="חיוג", ttl_minutes=datetime.timedelta(hours=1))),
        "image": lambda: wa.send_image(to, image, caption="קבלה"),
        "image with buttons": lambda: wa.send_image(to, image, caption="זה?", buttons=[button]),
        "image by link": lambda: wa.send_image(to, "https://cdn.example.co.il/a.jpg"),
        "video": lambda: wa.send_video(to, "https://cdn.example.co.il/a.mp4", caption="סרטון"),
        "document": lambda: wa.send_document(to, b"%PDF", filename="חשבונית.pdf", mime_type="application/pdf"),
        "audio": lambda: wa.send_audio(to, voice),
        "voice": lambda: wa.send_voice(to, voice),
        "sticker": lambda: wa.send_sticker(to, sticker),
        "location": lambda: wa.send_location(to, 32.08, 34.78, "המשרד", "תל אביב"),
        "location request": lambda: wa.request_location(to, "איפה?"),
        "contact request": lambda: wa.request_contact_info(to, "מה המספר?"),
        "contact": lambda: wa.send_contact(to, contact),
        "catalog": lambda: wa.send_catalog(to, "הכל", thumbnail_product_sku="SKU-1"),
        "product": lambda: wa.send_product(to, "194836987003835", "SKU-1", body="מומלץ"),
        "products": lambda: wa.send_products(to, "194836987003835", sections, "מבצעים", "בחרו"),
        "carousel": lambda: wa.send_carousel(to, body="חדש", cards=[card(1), card(2)]),
        "template": lambda: wa.send_template(to, "lead_welcome", t.TemplateLanguage.HEBREW, [
            t.BodyText.params("דנה", "משכנתא"), t.QuickReplyButton.params(callback_data="LATER", index=1)]),
        "named template": lambda: wa.send_template(to, "meeting_reminder", t.TemplateLanguage.HEBREW, [
            t.BodyText.params(first_name="דנה", day="ראשון", hour="09:30")]),
        "image template": lambda: wa.send_template(to, "documents_request", t.TemplateLanguage.HEBREW, [
            t.HeaderImage.params(image=image.id), t.BodyText.params("דנה")]),
        "url template": lambda: wa.send_template(to, "order_confirmation", t.TemplateLanguage.HEBREW, [
            t.BodyText.params("דנה", "7731"), t.URLButton.params(url_variable="7731", index=0)]),
        "marketing API": lambda: wa.send_template(to, "monthly_offer", t.TemplateLanguage.HEBREW, [
            t.BodyText.params("דנה", "סוף החודש")], use_mm_lite_api=True, message_activity_sharing=True),
        "to a user id": lambda: wa.send_message("IL.13491208655302741918", "שלום"),
    }
    sent = {name: attempt(f"send {name}", call) for name, call in sends.items()}
    for name, message in sent.items():
        if message is not None:
            until(f"{name} is on the phone", lambda: phone.has(message))
    attempt("react", lambda: wa.send_reaction(to, "👍", hello))
    attempt("take the reaction back", lambda: wa.remove_reaction(to, hello))
    attempt("mark as read", lambda: wa.mark_message_as_read(hello))
    attempt("show typing", lambda: wa.indicate_typing(hello))
    return sent, image


def media(wa, image):
    url = attempt("media url", lambda: wa.get_media_url(image.id))
    check("media type", url.mime_type == "image/png")
    check("media bytes", attempt("download", lambda: wa.get_media_bytes(url.url)) == PNG)
    check("delete media", bool(attempt("delete media", lambda: wa.delete_media(image.id))))


def templates(wa, phone, heard):
    new = t.Template(
        name="pywa_news",
        category=t.TemplateCategory.MARKETING,
        language=t.TemplateLanguage.HEBREW,
        parameter_format=t.ParamFormat.NAMED,
        components=[
            t.HeaderImage(PNG, mime_type="image/png"),
            body := t.BodyText("שלום {{name}}, יש לנו משהו חדש בשבילך.", name="דנה"),
            t.FooterText(text="משרד לדוגמה"),
            t.Buttons(buttons=[t.QuickReplyButton(text="הסירו אותי"), t.URLButton(text="אתר", url="https://a.example/{{1}}", example="https://a.example/x")]),
        ],
    )
    created = attempt("create template", lambda: wa.create_template(new))
    check("it is pending", created.status == t.TemplateStatus.PENDING)
    phone.control("clock", advance_s=120)
    until("its approval is told", lambda: any(
        u.template_name == "pywa_news" and u.new_status == t.TemplateStatus.APPROVED for u in heard["template"]))
    sent = attempt("send it", lambda: wa.send_template(f"+{DANA}", "pywa_news", t.TemplateLanguage.HEBREW, [
        t.HeaderImage.params(image="https://cdn.example.co.il/a.jpg"), body.params(name="דנה"),
        t.URLButton.params(url_variable="x", index=1)]))
    until("it is laid out", lambda: phone.has(sent))
    check("with its text", phone.message(sent.id)["content"]["body"] == "שלום דנה, יש לנו משהו חדש בשבילך.")
    listed = attempt("list templates", lambda: wa.get_templates(statuses=[t.TemplateStatus.APPROVED]))
    check("the list has it", any(one.name == "pywa_news" for one in listed))
    details = attempt("get template", lambda: wa.get_template(created.id))
    check("its details", details.category == t.TemplateCategory.MARKETING and details.name == "pywa_news")
    attempt("edit template", lambda: wa.update_template(created.id, new_components=[t.BodyText("משהו אחר לגמרי בשבילך.")]))
    # Not by `upsert_authentication_template`: pywa 4.5.0 encodes its body twice.
    attempt("codes", lambda: wa.api.upsert_message_templates(WABA, {
        "name": "pywa_code", "languages": ["he", "en_US"], "category": "AUTHENTICATION",
        "components": [{"type": "BODY", "add_security_recommendation": True},
                       {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}]}))
    check("delete template", bool(attempt("delete template", lambda: wa.delete_template("pywa_news"))))
    phone.control("templates/monthly_offer", status="PAUSED")
    attempt("unpause", lambda: wa.unpause_template(next(one.id for one in wa.get_templates(name="monthly_offer"))))


def numbers(wa):
    number = attempt("number", lambda: wa.get_business_phone_number())
    check("its name", number.verified_name == "משרד לדוגמה")
    check("numbers", len(list(wa.get_business_phone_numbers())) == 1)
    attempt("account", lambda: wa.get_business_account())
    attempt("set profile", lambda: wa.update_business_profile(about="משרד", industry=types.Industry.RETAIL,
                                                              websites=["https://a.example"], profile_picture=PNG))
    check("profile", attempt("profile", lambda: wa.get_business_profile()).about == "משרד")
    attempt("ice breakers", lambda: wa.update_conversational_automation(
        ["שעות פתיחה"], [types.Command(name="status", description="מצב הפנייה")]))
    attempt("block", lambda: wa.block_users([f"+{DANA}"]))
    check("blocked", len(list(wa.get_blocked_users())) == 1)
    attempt("unblock", lambda: wa.unblock_users([f"+{DANA}"]))
    attempt("username", lambda: wa.set_username("example_office"))
    attempt("register", lambda: wa.register_phone_number("212834"))


def answers(wa, phone, sent, heard):
    """What the person does arrives as what it is."""
    phone.act("press", message_id=sent["buttons"].id, id=phone.message(sent["buttons"].id)["content"]["buttons"][0]["id"])
    until("a button", lambda: any(u.data == "yes" for u in heard["button"]))
    phone.act("press", message_id=sent["template"].id, index=1)
    until("a template's button", lambda: any(u.data == "LATER" for u in heard["button"]))
    phone.act("choose", message_id=sent["list"].id, row_id="slot-9")
    until("a row", lambda: any(u.data == "slot-9" for u in heard["selection"]))
    phone.act("form", message_id=sent["form"].id, response={"date": "2026-11-30"})
    until("a form", lambda: any(u.response.get("date") == "2026-11-30" for u in heard["form"]))
    phone.act("location", latitude=31.77, longitude=35.21, reply_to=sent["location request"].id)
    until("a location", lambda: any(m.location and m.location.latitude == 31.77 for m in heard["message"]))
    phone.act("contacts", contacts=[{"name": "יוסי לדוגמה", "phone": "972500000022"}])
    until("a contact", lambda: any(m.contacts for m in heard["message"]))
    phone.act("reaction", message_id=sent["text"].id, emoji="❤️")
    until("a reaction", lambda: any(m.reaction and m.reaction.emoji == "❤️" for m in heard["message"]))
    phone.act("unsupported", kind="poll")
    until("something unsupported", lambda: any(m.type == types.MessageType.UNSUPPORTED for m in heard["message"]))
    file = {"file": ("a.png", PNG, "image/png")}
    phone.http.post(f"/phone/api/chats/{DANA}/{NUMBER}/media", data={"kind": "image", "caption": "תלוש"}, files=file).raise_for_status()
    until("a photo", lambda: any(m.image and m.caption == "תלוש" for m in heard["message"]))
    photo = next(m for m in heard["message"] if m.image)
    check("its bytes", attempt("its bytes", lambda: photo.image.get_bytes()) == PNG)
    phone.act("open", open=True)
    until("it is read", lambda: any(
        u.status == types.MessageStatusType.READ and u.id == sent["text"].id and u.tracker == "t-1" for u in heard["status"]))
    phone.act("played", message_id=sent["voice"].id)
    until("it is played", lambda: any(u.status == types.MessageStatusType.PLAYED for u in heard["status"]))
    phone.act("marketing", stopped=True)
    until("marketing is stopped", lambda: any(u.value == types.MarketingPreference.STOP for u in heard["marketing"]))
    phone.act("marketing", stopped=False)
    until("and resumed", lambda: any(u.value == types.MarketingPreference.RESUME for u in heard["marketing"]))
    phone.http.post(f"/phone/api/persons/{DANA}/change-number", json={"phone": "972500000033"}).raise_for_status()
    until("a new number", lambda: any(u.new_wa_id == "972500000033" for u in heard["number"]))


def refusals(wa):
    for name, code, call in [
        ("no such template", 132001, lambda: wa.send_template(f"+{DANA}", "nothing", t.TemplateLanguage.HEBREW, [])),
        ("parameters missing", 132000, lambda: wa.send_template(f"+{DANA}", "lead_welcome", t.TemplateLanguage.HEBREW, [])),
        ("paused", 132015, lambda: wa.send_template(f"+{DANA}", "old_campaign", t.TemplateLanguage.HEBREW, [])),
        ("no such file", 100, lambda: wa.send_image(f"+{DANA}", "1")),
    ]:
        try:
            call()
            check(name, False, "(accepted)")
        except WhatsAppError as error:
            check(name, error.code == code, f"{error.code}: {error}")


def main(program):
    port = free_port()
    command = [program, "sandbox", "--listen", f"127.0.0.1:{port}"]
    sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        url = f"http://127.0.0.1:{port}"
        until("the sandbox is up", lambda: answers_at(url))
        phone = Phone(url)
        phone.control("setup", settings={"sent_ms": 0, "delivered_ms": 0, "strict": True})
        wa = start_client(url)
        heard = listen(wa)
        until("pywa's callback is registered", lambda: phone.http.get("/control/world").json()["apps"][0]["callback_url"])
        hello = phone.act("text", text="שלום / 😀")["message"]["id"]
        until("a text", lambda: any(m.id == hello and m.text == "שלום / 😀" for m in heard["message"]))
        sent, image = send_everything(wa, phone, hello)
        media(wa, image)
        answers(wa, phone, sent, heard)
        phone.control("setup", persons=[{"id": "p1", "phone": DANA}])
        templates(wa, phone, heard)
        refusals(wa)
        numbers(wa)
        # Not from pywa's statuses: 4.5.0 looks for `contacts` in a failed one, where Meta sends none.
        ledger = phone.http.get("/control/ledger").json()["items"]
        failures = [(item["type"], item["error"]) for item in ledger if item["error"]]
        check("nothing failed", not failures, json.dumps(failures))
    finally:
        sandbox.kill()
        sandbox.wait()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def answers_at(url):
    try:
        return httpx.get(f"{url}/control/clock").status_code == 200
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
