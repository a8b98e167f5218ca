"""The devices an enrolment needs: ports, and the drivers that talk to the real hardware."""
