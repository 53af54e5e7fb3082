// The buyer's pages and the inspector as people use them.
//
//   node pages.mjs READY_FILE CHROMIUM PROFILE_FOLDER

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const [readyFile, executablePath, profile] = process.argv.slice(2);
const ready = JSON.parse(readFileSync(readyFile));
const shots = process.env.SHOTS;
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };
const GOOD_CARD = "4054695723100768";

async function call(operation, body) {
  const answer = await fetch(`${ready.gateway_url}/ams/sandbox/api/v1/${operation}`, {
    method: "POST",
    headers: { authorization: "Bearer isak_TEST_shop_0123456789", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.json();
}

/// Asks for a payment on a page; the page's URL.
async function pay(id, method = "GCASH", more = {}) {
  const amount = { currency: "USD", value: "1234" };
  const answer = await call("payments/pay", {
    productCode: "CASHIER_PAYMENT",
    paymentRequestId: id,
    order: { referenceOrderId: "ORDER-" + id, orderDescription: "Two coffees", orderAmount: amount },
    paymentAmount: amount,
    paymentMethod: { paymentMethodType: method, ...more },
    paymentFactor: method === "CARD" ? { isAuthorization: true } : undefined,
    paymentRedirectUrl: "https://shop.example/back",
    env: { terminalType: "WEB", clientIp: "203.0.113.7" },
  });
  assert.ok(answer.normalUrl, JSON.stringify(answer));
  return answer.normalUrl;
}

async function state(id) {
  const answer = await call("payments/inquiryPayment", { paymentRequestId: id });
  return answer.paymentStatus;
}

const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
// The shop's own site is not part of this: whoever goes back is met by a short page.
await browser.route("https://shop.example/**", (route) => route.fulfill({ body: "the shop" }));

const page = await browser.newPage();
page.setDefaultTimeout(8_000);
const wrong = [];
page.on("dialog", (dialog) => wrong.push("a dialog: " + dialog.message()) && dialog.dismiss());
page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
page.on("pageerror", (error) => wrong.push(String(error)));

/// Looks at the page as it is, on both sizes; nothing may stick out.
async function look(name) {
  for (const [size, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    await page.setViewportSize(viewport);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= viewport.width, `${name}: ${width} wide on ${viewport.width}`);
    if (shots) await page.screenshot({ path: `${shots}/${name}-${size}.png`, fullPage: true });
  }
}

const cases = {
  async "a buyer approves"() {
    await page.goto(await pay("APPROVE"));
    await look("pay");
    await page.getByRole("button", { name: "Pay" }).click();
    await page.getByRole("heading", { name: "Done" }).waitFor();
    await look("done");
    await page.getByRole("link", { name: "Back to the shop" }).click();
    await page.waitForURL("https://shop.example/back");
    assert.equal(await state("APPROVE"), "SUCCESS");
  },
  async "a buyer declines"() {
    await page.goto(await pay("DECLINE"));
    await page.getByRole("button", { name: "Decline" }).click();
    await page.getByRole("heading", { name: "Done" }).waitFor();
    assert.equal(await state("DECLINE"), "FAIL");
  },
  async "a buyer walks away and comes back"() {
    const url = await pay("LEAVE");
    await page.goto(url);
    await page.getByRole("button", { name: "Walk away" }).click();
    await page.getByRole("heading", { name: "You left" }).waitFor();
    assert.equal(await state("LEAVE"), "PROCESSING");
    await page.goto(url);
    await page.getByRole("button", { name: "Pay" }).click();
    await page.getByRole("heading", { name: "Done" }).waitFor();
    assert.equal(await state("LEAVE"), "SUCCESS");
  },
  async "a card is typed with the keyboard alone"() {
    await page.goto(await pay("CARD", "CARD"));
    await look("card");
    for (const text of ["4111111111111111", "12", "39", "123"]) {
      await page.keyboard.press("Tab");
      await page.keyboard.type(text);
    }
    await page.keyboard.press("Enter");
    await page.getByRole("alert").waitFor();
    await look("card-refused");
    for (const text of [GOOD_CARD, "12", "39", "123"]) {
      await page.keyboard.press("Tab");
      await page.keyboard.type(text);
    }
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Done" }).waitFor();
    assert.equal(await state("CARD"), "SUCCESS");
  },
  async "the bank's check fails"() {
    await page.goto(await pay("CHECK", "CARD", { paymentMethodMetaData: { is3DSAuthentication: true } }));
    await page.getByLabel("Card number").fill(GOOD_CARD);
    await page.getByLabel("Month").fill("12");
    await page.getByLabel("Year").fill("39");
    await page.getByLabel("Code").fill("123");
    await page.getByRole("button", { name: "Pay" }).click();
    await page.getByRole("heading", { name: "Your bank asks: is it you?" }).waitFor();
    await look("bank");
    await page.getByRole("button", { name: "Fail the check" }).click();
    await page.getByRole("heading", { name: "Done" }).waitFor();
    assert.equal(await state("CHECK"), "FAIL");
  },
  async "what requests hold stays text"() {
    const id = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
    await page.goto(await pay(id));
    await page.getByText(id).waitFor();
    assert.equal(await page.locator("img, script").count(), 0);
  },
  async "the inspector opens with the token"() {
    await page.goto(ready.admin_url);
    await look("login");
    await page.getByLabel("Token").fill(ready.admin_token);
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("heading", { name: "Traffic" }).waitFor();
    await look("inspector");
  },
  async "the inspector says why a signature failed"() {
    await fetch(`${ready.gateway_url}/ams/sandbox/api/v1/payments/pay`, {
      method: "POST",
      headers: {
        "client-id": ready.client_id,
        "request-time": String(Date.now()),
        signature: "algorithm=RSA256,keyVersion=1,signature=AAAA",
      },
      body: JSON.stringify({ paymentRequestId: "FORGED" }),
    });
    // It comes by itself.
    const line = page.locator("summary", { hasText: "INVALID_SIGNATURE" }).first();
    await line.waitFor();
    await line.focus();
    await page.keyboard.press("Enter");
    await page.getByText("the signature does not fit").first().waitFor();
    await page.getByRole("heading", { name: "What should have been signed" }).first().waitFor();
    await look("forged");
  },
  async "the clock and a fault from the page"() {
    const before = await page.getByText("its clock:").innerText();
    await page.getByLabel("Move on by").fill("24h");
    await page.getByRole("button", { name: "Move on" }).click();
    await page.getByRole("heading", { name: "Traffic" }).waitFor();
    assert.notEqual((await page.getByText("its clock:").innerText()).slice(0, 21), before.slice(0, 21));
    await page.locator("select[name=for]").selectOption("operation");
    await page.getByLabel("Which").first().fill("payments/inquiryPayment");
    await page.getByLabel("Script").first().fill("U");
    await page.getByRole("button", { name: "Set" }).click();
    await page.getByRole("heading", { name: "Traffic" }).waitFor();
    const answer = await call("payments/inquiryPayment", { paymentRequestId: "APPROVE" });
    assert.equal(answer.result.resultCode, "UNKNOWN_EXCEPTION");
  },
  async "a request is sent with changes"() {
    await page.getByLabel("Body").first().fill(JSON.stringify({ paymentRequestId: "APPROVE" }));
    await page.getByRole("button", { name: "Send", exact: true }).click();
    const line = page.locator("summary", { hasText: "payments/inquiryPayment" }).first();
    await line.waitFor();
    assert.match(await line.innerText(), /S SUCCESS/);
    // One that came, changed: it is opened, its body rewritten, and sent under another id.
    const came = page.locator("details", { hasText: "DECLINE" }).filter({ hasText: "payments/inquiryPayment" }).first();
    await came.locator("summary").click();
    await came.getByLabel("To be sent again").fill(JSON.stringify({ paymentRequestId: "CHANGED" }));
    await came.getByRole("button", { name: "Send this" }).click();
    await page.locator("summary", { hasText: "CHANGED" }).filter({ hasText: "ORDER_NOT_EXIST" }).first().waitFor();
  },
  async "a payment method is kept and a subscription agreed to"() {
    const notify = "http://127.0.0.1:9/notify";
    const kept = await call("vaults/createVaultingSession", {
      paymentMethodType: "CARD",
      vaultingRequestId: "KEEP",
      vaultingNotificationUrl: notify,
      redirectUrl: "https://shop.example/back",
    });
    await page.goto(kept.normalUrl);
    await look("keep");
    await page.getByLabel("Card number").fill(GOOD_CARD);
    await page.getByLabel("Month").fill("12");
    await page.getByLabel("Year").fill("39");
    await page.getByRole("button", { name: "Keep it" }).click();
    await page.getByRole("heading", { name: "Done" }).waitFor();
    const vaulting = await call("vaults/inquireVaulting", { vaultingRequestId: "KEEP" });
    assert.equal(vaulting.vaultingStatus, "SUCCESS");
    const amount = { currency: "USD", value: "500" };
    const subscription = await call("subscriptions/create", {
      subscriptionRequestId: "SUBSCRIBE",
      subscriptionDescription: "A paper, every month",
      subscriptionRedirectUrl: "https://shop.example/back",
      subscriptionStartTime: "2026-01-01T00:00:00Z",
      periodRule: { periodType: "MONTH", periodCount: 1 },
      paymentMethod: { paymentMethodType: "GCASH" },
      subscriptionNotificationUrl: notify,
      paymentNotificationUrl: notify,
      orderInfo: { orderAmount: amount },
      paymentAmount: amount,
      settlementStrategy: { settlementCurrency: "USD" },
      env: { terminalType: "WEB" },
    });
    await page.goto(subscription.normalUrl);
    await look("subscribe");
    await page.getByRole("button", { name: "Subscribe" }).click();
    await page.getByRole("heading", { name: "Done" }).waitFor();
    const found = await call("subscriptions/inquiry", { subscriptionRequestId: "SUBSCRIBE" });
    assert.equal(found.subscriptionStatus, "ACTIVE");
    await page.goto(ready.admin_url);
    await page.getByRole("heading", { name: "Subscriptions" }).waitFor();
    await look("inspector-full");
  },
};

let failed = 0;
for (const [name, play] of Object.entries(cases)) {
  try {
    await play();
    // A form that was refused is an error to the browser's console, and meant to be.
    const unexpected = wrong.splice(0).filter((text) => !/status of (401|422)/.test(text));
    assert.deepEqual(unexpected, []);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.stack}`);
  }
}
await browser.close();
console.log(`${Object.keys(cases).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
