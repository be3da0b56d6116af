from . import instance, postgres
def demo():
    with postgres.running():
        instance.base_database()
        instance.base_database(True)
