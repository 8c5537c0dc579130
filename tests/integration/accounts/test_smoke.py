from tests.factories import make_user
def test_it(session, sign_in, client):
    user = make_user(session)
    assert client.get("/healthz").status_code == 200
    r = sign_in(user).get("/messages/")
    print(r.text[:500])
    assert r.status_code == 200
