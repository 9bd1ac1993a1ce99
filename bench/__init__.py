"""What can be shown: the whole story in a terminal (`bench.demo`), and the measured claims (`python -m bench`)."""
