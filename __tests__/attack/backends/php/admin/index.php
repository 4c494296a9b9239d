<?php
header('x-handler: admin');
