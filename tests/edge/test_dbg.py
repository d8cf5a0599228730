import psycopg, traceback
from tests.edge.firms import *
from exchange.edge.run import run_feed
from exchange.edge.settings import Address
from tests.edge.stores import rows
def test_dbg(store, tmp_path):
    deliver(tmp_path, "a.csv", [firm(n) for n in range(12)])
    n=[0]
    def prog(_):
        n[0]+=1
        if n[0]==1:
            with psycopg.connect(store.url, autocommit=True) as c:
                print(c.execute("select pg_terminate_backend(pid), application_name from pg_stat_activity where datname=current_database() and pid<>pg_backend_pid()").fetchall())
    try: run_feed(store, BENCH, Address(str(tmp_path)), SMALL, prog)
    except Exception as e:
        print("ERR", type(e).__mro__, e, getattr(e,'sqlstate',None), getattr(e,'status_code',None))
        traceback.print_exc()
    print(rows(store, "select state, stopped_because from batch"))
    try: print(run(store, tmp_path))
    except Exception as e: print("AGAIN", type(e), e)
def test_nul2(store, tmp_path):
    from tests.edge import test_bad_input as b
    b.test_nul_bytes(store, tmp_path); print(b.refusals(store))
