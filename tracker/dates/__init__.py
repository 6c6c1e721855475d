"""What day is it in London, and which days are working days?"""
