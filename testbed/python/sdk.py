"""The vendor's Python SDK against a running sandbox: a client that nobody here wrote.

    python sdk.py READY_FILE NOTIFY_PORT

READY_FILE is what `antom-dev sandbox --tls --ready-file` wrote. The sandbox listens on port 443, because this SDK
calls no other, and sends notifications to `http://127.0.0.1:NOTIFY_PORT/notify`.
"""

import json
import os
import queue
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

ready = json.load(open(sys.argv[1]))
# Read when the first connection is made.
os.environ["SSL_CERT_FILE"] = ready["ca_file"]

from com.alipay.ams.api.api_key_alipay_client import ApiKeyAlipayClient
from com.alipay.ams.api.default_alipay_client import DefaultAlipayClient
from com.alipay.ams.api.model.amount import Amount
from com.alipay.ams.api.model.env import Env
from com.alipay.ams.api.model.order import Order
from com.alipay.ams.api.model.payment_method import PaymentMethod
from com.alipay.ams.api.request.auth.alipay_auth_apply_token_request import AlipayAuthApplyTokenRequest
from com.alipay.ams.api.request.auth.alipay_auth_consult_request import AlipayAuthConsultRequest
from com.alipay.ams.api.request.auth.alipay_auth_revoke_token_request import AlipayAuthRevokeTokenRequest
from com.alipay.ams.api.request.notification.alipay_inquire_notification_list_request import (
    AlipayInquireNotificationListRequest,
)
from com.alipay.ams.api.request.pay.alipay_inquiry_refund_request import AlipayInquiryRefundRequest
from com.alipay.ams.api.request.pay.alipay_pay_cancel_request import AlipayPayCancelRequest
from com.alipay.ams.api.request.pay.alipay_pay_query_request import AlipayPayQueryRequest
from com.alipay.ams.api.request.pay.alipay_pay_request import AlipayPayRequest
from com.alipay.ams.api.request.pay.alipay_refund_request import AlipayRefundRequest
from com.alipay.ams.api.tools.webhook_tool import check_signature

notifications = queue.Queue()
forged = []


class Merchant(BaseHTTPRequestHandler):
    """Takes notifications whose signature the SDK finds right."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        arguments = ("POST", self.path, self.headers["client-id"], self.headers["request-time"])
        if not check_signature(*arguments, body, self.headers["signature"], ready["antom_public_key"]):
            forged.append(body)
            self.send_error(401)
            return
        notifications.put(json.loads(body))
        answer = json.dumps(
            {"result": {"resultCode": "SUCCESS", "resultStatus": "S", "resultMessage": "success"}}
        ).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


def buyer(at, action):
    """What the buyer does, commanded at the desk."""
    request = urllib.request.Request(
        ready["admin_url"] + "buyer",
        data=json.dumps({"at": at, "action": action}).encode(),
        headers={"Authorization": "Bearer " + ready["admin_token"]},
    )
    return json.load(urllib.request.urlopen(request, timeout=10))


def made(kind, **members):
    """A request of this kind with these members; the SDK has no constructor that takes them."""
    request = kind()
    for name, value in members.items():
        assert hasattr(type(request), name), (kind, name)
        setattr(request, name, value)
    return request


def payment(name, method, product, **members):
    order = made(Order, reference_order_id="ORDER-" + name, order_description="Two coffees")
    order.order_amount = Amount("PHP", "10000")
    return made(
        AlipayPayRequest,
        product_code=product,
        payment_request_id=name,
        order=order,
        payment_amount=Amount("PHP", "10000"),
        payment_method=method,
        payment_redirect_url="https://shop.example/back",
        env=made(Env, terminal_type="WEB", client_ip="203.0.113.7"),
        **members,
    )


def play(client, mark):
    """The whole of it with one kind of credentials; `mark` keeps its ids apart."""

    def call(request, status="S", code=None):
        answer = json.loads(client.execute(request))
        result = answer["result"]
        print(f"  {type(request).__name__:<38} {result['resultStatus']} {result['resultCode']}")
        assert result["resultStatus"] == status, result
        assert code is None or result["resultCode"] == code, result
        return answer

    def told(kind, **expected):
        while True:
            note = notifications.get(timeout=20)
            found = note.get("notifyType") or note.get("authorizationNotifyType")
            if found == kind and all(note.get(name) == value for name, value in expected.items()):
                print(f"  {'notification, verified':<38} {kind}")
                return note

    # An authorization, its code, its token.
    consulted = call(
        made(
            AlipayAuthConsultRequest,
            customer_belongs_to="GCASH",
            auth_client_id="shop-1",
            auth_redirect_url="https://shop.example/back",
            scopes=["AGREEMENT_PAY"],
            auth_state="STATE-" + mark,
            terminal_type="WEB",
        )
    )
    buyer(consulted["authUrl"], "approve")
    code = told("AUTHCODE_CREATED", authState="STATE-" + mark)["authCode"]
    token = call(
        made(
            AlipayAuthApplyTokenRequest,
            grant_type="AUTHORIZATION_CODE",
            customer_belongs_to="GCASH",
            auth_code=code,
        )
    )["accessToken"]

    # Paid with the token, inquired, refunded.
    method = made(PaymentMethod, payment_method_type="GCASH", payment_method_id=token)
    name = "AGREEMENT-" + mark
    answer = json.loads(client.execute(payment(name, method, "AGREEMENT_PAYMENT")))
    assert answer["result"]["resultStatus"] in ("S", "U"), answer
    told("PAYMENT_RESULT", paymentRequestId=name)
    paid = call(made(AlipayPayQueryRequest, payment_request_id=name))
    assert paid["paymentStatus"] == "SUCCESS", paid
    refund = dict(refund_request_id="REFUND-" + mark, payment_id=paid["paymentId"], refund_amount=Amount("PHP", "2500"))
    refunded = json.loads(client.execute(made(AlipayRefundRequest, **refund)))
    assert refunded["result"]["resultStatus"] in ("S", "U"), refunded
    told("REFUND_RESULT", refundRequestId="REFUND-" + mark)
    state = call(made(AlipayInquiryRefundRequest, refund_request_id="REFUND-" + mark))
    assert state["refundStatus"] == "SUCCESS", state

    # Asked for on a page and cancelled.
    method, name = made(PaymentMethod, payment_method_type="GCASH"), "CASHIER-" + mark
    shown = call(payment(name, method, "CASHIER_PAYMENT"), "U", "PAYMENT_IN_PROCESS")
    assert shown["normalUrl"].startswith("https://127.0.0.1"), shown
    call(made(AlipayPayCancelRequest, payment_request_id=name))
    cancelled = call(made(AlipayPayQueryRequest, payment_request_id=name))
    assert cancelled["paymentStatus"] == "CANCELLED", cancelled

    # Asked for on a page and paid by the buyer.
    name = "PAGE-" + mark
    shown = call(payment(name, method, "CASHIER_PAYMENT"), "U", "PAYMENT_IN_PROCESS")
    buyer(shown["normalUrl"], "approve")
    told("PAYMENT_RESULT", paymentRequestId=name)

    call(made(AlipayAuthRevokeTokenRequest, access_token=token))
    told("TOKEN_CANCELED", accessToken=token)

    # What was told can be fetched again.
    events = call(made(AlipayInquireNotificationListRequest, limit=50))["notifications"]
    ids = [event["notificationData"].get("paymentRequestId") for event in events]
    assert name in ids, ids


server = HTTPServer(("127.0.0.1", int(sys.argv[2])), Merchant)
threading.Thread(target=server.serve_forever, daemon=True).start()

print("RSA")
rsa = DefaultAlipayClient(
    ready["gateway_url"], ready["client_id"], ready["merchant_private_key"], ready["antom_public_key"]
)
play(rsa, "RSA")
print("API key")
play(ApiKeyAlipayClient(ready["gateway_url"], "isak_TEST_shop_0123456789abcdef"), "KEY")
assert not forged, "a notification's signature was wrong"
print("every call was answered; the SDK found every signed answer and every notification right")
