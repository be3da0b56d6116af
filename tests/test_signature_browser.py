"""A customer reads, confirms and signs a contract on a phone, in a real browser ("Done when" 2 of step 4; S4.8, screens.md)."""
from people import as_admin
from test_signature_at_once import sent_contracts

WIDTH = 390


def test_customer_signs_on_a_phone(server, browser):
    """By the link alone: the text, what is to be paid, confirm, draw the name, and the signed document."""
    contract = sent_contracts(server, "phone_rep", confirmed=False)[0]
    page = browser.page(locale="en-US", width=WIDTH, height=844)
    page.goto(f"{server.url}/my/contracts/{contract['id']}?access_token={contract['access_token']}")
    assert page.is_visible("[name=contract_text] >> text=Within 30 days.")
    fits(page)
    browser.screenshot(page, "contract_phone")
    page.fill("#confirm_name", "Wang")
    page.check("#confirm_read")
    page.click("form[name=confirm] button[type=submit]")
    page.wait_for_selector("text=Thank you for confirming")
    fits(page)
    page.click("button:has-text('Sign here')")
    canvas = page.wait_for_selector("#contract_sign canvas", state="visible")
    page.wait_for_timeout(600)  # the dialog slides in, and the canvas is laid out anew
    draw(page, canvas.bounding_box())
    browser.screenshot(page, "contract_phone_sign")
    page.click("#contract_sign .o_portal_sign_submit")
    page.wait_for_selector("text=The contract is signed")
    fits(page)
    browser.screenshot(page, "contract_phone_signed")
    assert server.sql("SELECT state, sign_way, signed_by FROM sfc_contract WHERE id = %s", [contract["id"]]) == [("signed", "portal", "Wang")]
    assert as_admin(server, "sfc.contract", "action_verify_signed", [contract["id"]])["params"]["type"] == "success"
    assert not page.errors


def draw(page, box):
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 20 + step * 25, box["y"] + (20 if step % 2 else 60))
    page.mouse.up()


def fits(page):
    assert page.evaluate("document.scrollingElement.scrollWidth") <= WIDTH
